-- The alerts that everybody may read, as the public feeds list them: the newest changes first.
CREATE INDEX alert_clear ON alert (changed_at DESC, id DESC) WHERE tlp = 'clear';
