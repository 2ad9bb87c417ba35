-- Who may apply with a form whose roster is a list.

CREATE TABLE roster_entry (
    event        integer NOT NULL REFERENCES event,
    form         text NOT NULL,
    id           text NOT NULL CHECK (id <> ''),  -- as the form's roster builds it from fields: S2E12
    name         text NOT NULL,
    address      text NOT NULL,                   -- as addresses are compared; empty: any will do
    class        text NOT NULL,
    imported_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (event, form, id)
);
