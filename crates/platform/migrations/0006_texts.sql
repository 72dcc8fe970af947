-- Text messages. The mobile number of a contact in E.164, where its telephone is a British mobile's:
-- only such numbers are texted. Kept beside what was typed, so that a query can join by it.
ALTER TABLE contact ADD COLUMN mobile {text};
UPDATE contact SET mobile = (
    SELECT CASE
        WHEN ltrim(substr(d.typed, 2), '0123456789') <> '' THEN NULL
        WHEN substr(d.typed, 1, 2) = '07' AND length(d.typed) = 11
             AND (substr(d.typed, 3, 1) NOT IN ('0', '6') OR substr(d.typed, 3, 3) = '624')
            THEN '+44' || substr(d.typed, 2)
        WHEN substr(d.typed, 1, 4) = '+447' AND length(d.typed) = 13
             AND (substr(d.typed, 5, 1) NOT IN ('0', '6') OR substr(d.typed, 5, 3) = '624')
            THEN d.typed
        WHEN substr(d.typed, 1, 5) = '00447' AND length(d.typed) = 14
             AND (substr(d.typed, 6, 1) NOT IN ('0', '6') OR substr(d.typed, 6, 3) = '624')
            THEN '+' || substr(d.typed, 3)
    END
    FROM (SELECT replace(replace(replace(replace(replace(replace(telephone, ' ', ''), '-', ''), '(0)', ''),
                 '(', ''), ')', ''), '.', '') AS typed) AS d
);
CREATE INDEX contact_mobile ON contact (mobile) WHERE mobile IS NOT NULL;

-- When the network said that a text had arrived. Of a mail nothing says so.
ALTER TABLE message ADD COLUMN arrived_at {time};
