-- When a feed was resumed last: for as long as it was paused it could not fall silent.
ALTER TABLE feed ADD COLUMN followed_since {time};
