-- What staff correct in an application: noted as a change of it, and seen by whoever else corrects it.

ALTER TABLE application_change DROP CONSTRAINT application_change_kind_check;
ALTER TABLE application_change ADD CONSTRAINT application_change_kind_check
    CHECK (kind IN ('cancelled', 'tickets_added', 'confirmed', 'lapsed', 'approved', 'rejected', 'moved_up', 'edited'));

DROP TRIGGER application_answer ON application;
CREATE TRIGGER application_answer BEFORE UPDATE ON application FOR EACH ROW
    WHEN ((OLD.state, OLD.code, OLD.tickets, OLD.applicant, OLD.email, OLD.fields, OLD.guests)
          IS DISTINCT FROM (NEW.state, NEW.code, NEW.tickets, NEW.applicant, NEW.email, NEW.fields, NEW.guests))
    EXECUTE FUNCTION count_answer();
