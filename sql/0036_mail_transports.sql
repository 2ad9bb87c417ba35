-- By which transport a mail went last, or was tried: there may be two, one for the time when the other takes none.

ALTER TABLE mail_outbox ADD COLUMN transport text;
