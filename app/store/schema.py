"""The tables of a project file, step by step: what each version added."""

MIGRATIONS = (
    """
    CREATE TABLE prediction (
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, model_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, made_at TEXT NOT NULL, record BLOB NOT NULL,
        PRIMARY KEY (source_id, frame, model_id, sha256)) WITHOUT ROWID;
    CREATE TABLE attribution (
        number INTEGER PRIMARY KEY,
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, model_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, method TEXT NOT NULL, target INTEGER NOT NULL,
        made_at TEXT NOT NULL, record BLOB NOT NULL,
        UNIQUE (source_id, frame, model_id, sha256, method, target));
    """,
    """
    CREATE TABLE mark (
        source_id TEXT NOT NULL, name TEXT NOT NULL, record BLOB NOT NULL,
        PRIMARY KEY (source_id, name)) WITHOUT ROWID;
    """,
    """
    CREATE TABLE map (
        number INTEGER PRIMARY KEY,
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, model_id TEXT NOT NULL,
        sha256 TEXT NOT NULL, method TEXT NOT NULL, target INTEGER NOT NULL,
        question TEXT NOT NULL, made_at TEXT NOT NULL, record BLOB NOT NULL,
        UNIQUE (source_id, frame, model_id, sha256, method, target, question));
    INSERT INTO map SELECT number, source_id, frame, model_id, sha256, method, target,
        question_of(record), made_at, record FROM attribution;
    DROP TABLE attribution;
    ALTER TABLE map RENAME TO attribution;
    """,
    """
    CREATE TABLE version (
        thing TEXT NOT NULL, version INTEGER NOT NULL, author TEXT NOT NULL, made_at TEXT NOT NULL,
        of_source TEXT, of_frame INTEGER, of_kind TEXT, of_label TEXT, of_author TEXT,
        of_time TEXT, record BLOB, UNIQUE (thing, version));
    CREATE TABLE head (
        thing TEXT PRIMARY KEY, version INTEGER NOT NULL, sort TEXT NOT NULL, live INTEGER NOT NULL,
        source_id TEXT NOT NULL, frame INTEGER NOT NULL, kind TEXT NOT NULL, label TEXT NOT NULL,
        said_by TEXT NOT NULL, said_at TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX head_of_source ON head (source_id, sort, live);
    CREATE INDEX head_of_label ON head (sort, live, label, kind, source_id);
    CREATE TABLE act (
        number INTEGER PRIMARY KEY, words TEXT NOT NULL, author TEXT NOT NULL,
        made_at TEXT NOT NULL, source_id TEXT, frame INTEGER, act_id TEXT NOT NULL);
    CREATE TABLE act_change (
        number INTEGER NOT NULL, place INTEGER NOT NULL, thing TEXT NOT NULL,
        before INTEGER NOT NULL, after INTEGER NOT NULL,
        PRIMARY KEY (number, place)) WITHOUT ROWID;
    CREATE TABLE state (name TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE source (
        source_id TEXT PRIMARY KEY, title TEXT NOT NULL, added_at TEXT NOT NULL,
        record BLOB NOT NULL) WITHOUT ROWID;
    """,
    """
    ALTER TABLE prediction ADD COLUMN label TEXT;
    ALTER TABLE prediction ADD COLUMN score REAL;
    ALTER TABLE prediction ADD COLUMN entropy REAL;
    ALTER TABLE prediction ADD COLUMN margin REAL;
    UPDATE prediction SET label = figure_in(record, 'label'), score = figure_in(record, 'score'),
        entropy = figure_in(record, 'entropy'), margin = figure_in(record, 'margin');
    CREATE INDEX prediction_said ON prediction
        (source_id, frame, made_at, model_id, sha256, label, score, entropy, margin);
    ALTER TABLE attribution ADD COLUMN reason REAL;
    ALTER TABLE attribution ADD COLUMN verdict TEXT;
    UPDATE attribution SET reason = figure_in(record, 'reason'),
        verdict = figure_in(record, 'verdict');
    CREATE INDEX attribution_judged ON attribution (source_id, frame, made_at, reason, verdict)
        WHERE reason IS NOT NULL;
    CREATE INDEX source_added ON source (added_at, title);
    DROP INDEX head_of_source;
    CREATE INDEX head_of_source ON head (source_id, sort, live, frame, kind, label);
    """,
    """
    CREATE TABLE model (
        model_id TEXT NOT NULL, sha256 TEXT NOT NULL, used_at TEXT NOT NULL, record BLOB NOT NULL,
        PRIMARY KEY (model_id, sha256)) WITHOUT ROWID;
    """,
)
"""Step n brings a file of version n to n + 1; a step is never changed once it was shipped.

A file that is brought on is copied first: `NAME.before-VERSION` is as it was.

In `version` each thing (an annotation, a mark, the label set) has one row for each state that it
was ever in; without a record it is not there. `author` made that state; `of_author` is whom an
annotation itself names, such as the one of a file it came from. `head` says which of them holds
now and repeats what is searched by, as it was last where the thing is gone. An act says which
version of which things it found and left; `state` "cursor" says how many acts are done. What
predictions and maps are searched by stands beside their records (app.store.figures).
"""
