-- Applications that staff let count no longer: their applicants may have as many tickets again.
ALTER TABLE application ADD COLUMN uncounted boolean NOT NULL DEFAULT false;
