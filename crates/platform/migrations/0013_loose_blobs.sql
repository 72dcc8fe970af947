-- Whether a file goes when no row names it any more: so it is with what people uploaded. What feeds sent stays,
-- and whoever keeps a file for good makes it so for good.
ALTER TABLE blob ADD COLUMN loose {bool} NOT NULL DEFAULT FALSE;
