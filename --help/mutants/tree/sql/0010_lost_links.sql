-- Mails with the links to all applications of an address: kind `links`, noted under the latest of them.

ALTER TABLE mail_outbox DROP CONSTRAINT mail_outbox_kind_check;
ALTER TABLE mail_outbox ADD CONSTRAINT mail_outbox_kind_check
    CHECK (kind IN ('tickets', 'failed', 'unconfirmed', 'awaiting_approval', 'waiting', 'rejected', 'links'));
