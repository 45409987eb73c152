using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>The schema, one step per <c>user_version</c>; a released step is never edited.</summary>
static class Migrations
{
    static readonly string[] Steps = [First, Second, Third];

    /// <summary>The schema this program writes.</summary>
    public static int Newest => Steps.Length;

    /// <summary>A file from a newer program is left as it is.</summary>
    public static void RefuseNewer(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        var version = Convert.ToInt32(command.ExecuteScalar());
        if (version > Steps.Length)
            throw new IOException(
                $"it has schema {version}, this program knows {Steps.Length}: run the newer program again.");
    }

    /// <summary>
    /// Brings a file up to date, or to an earlier schema, in one transaction, which also marks a fresh one as
    /// ours.
    /// </summary>
    public static void Apply(SqliteConnection connection, int? to = null)
    {
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "PRAGMA user_version";
        var version = Convert.ToInt32(command.ExecuteScalar());
        if (version == 0)
        {
            command.CommandText = $"PRAGMA application_id={StoreFile.ApplicationId}";
            command.ExecuteNonQuery();
        }

        for (; version < (to ?? Steps.Length); version++)
        {
            command.CommandText = Steps[version] + $"PRAGMA user_version={version + 1};";
            command.ExecuteNonQuery();
            Failpoint.Hit("during_migration");
        }

        transaction.Commit();
    }

    // All instants are Unix milliseconds, UTC. A sample's key is (t, series, dur): time first, because the
    // rows of one commit then share leaf pages. A value that lost to another stays in sample_superseded, so
    // that what was known at any instant can be told.
    const string First = """
        CREATE TABLE wearer(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, pseudonym TEXT NOT NULL,
            created INTEGER NOT NULL, confirmed INTEGER NOT NULL, assessed INTEGER,
            pulled INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE clock(id INTEGER PRIMARY KEY CHECK(id=1), last INTEGER NOT NULL);
        CREATE TABLE series(id INTEGER PRIMARY KEY, wearer INTEGER NOT NULL REFERENCES wearer(id),
            device TEXT NOT NULL, signal INTEGER NOT NULL, stat INTEGER NOT NULL, source TEXT NOT NULL,
            last INTEGER, UNIQUE(wearer, device, signal, stat, source));
        CREATE TABLE sample(t INTEGER NOT NULL, series INTEGER NOT NULL, dur INTEGER NOT NULL,
            value REAL NOT NULL, received INTEGER NOT NULL, rev INTEGER NOT NULL, flags INTEGER NOT NULL,
            q REAL, off INTEGER, PRIMARY KEY(t, series, dur)) WITHOUT ROWID;
        CREATE TABLE sample_superseded(t INTEGER NOT NULL, series INTEGER NOT NULL, dur INTEGER NOT NULL,
            value REAL NOT NULL, received INTEGER NOT NULL, rev INTEGER NOT NULL, flags INTEGER NOT NULL,
            q REAL, off INTEGER, PRIMARY KEY(t, series, dur, rev, value)) WITHOUT ROWID;
        CREATE TABLE entry(id INTEGER PRIMARY KEY, wearer INTEGER NOT NULL REFERENCES wearer(id),
            device TEXT NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, rev INTEGER NOT NULL,
            hash BLOB NOT NULL, received INTEGER NOT NULL, replayed INTEGER NOT NULL, at INTEGER NOT NULL,
            payload BLOB NOT NULL, UNIQUE(wearer, device, kind, key, rev, hash));
        CREATE INDEX entry_received ON entry(wearer, received);
        CREATE TABLE device(wearer INTEGER NOT NULL REFERENCES wearer(id), name TEXT NOT NULL,
            at INTEGER NOT NULL, received INTEGER NOT NULL, online INTEGER NOT NULL, battery INTEGER,
            worn INTEGER, charging INTEGER, PRIMARY KEY(wearer, name)) WITHOUT ROWID;
        CREATE TABLE dead_payload(hash BLOB PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE dead_letter(id INTEGER PRIMARY KEY, received INTEGER NOT NULL, topic TEXT NOT NULL,
            pseudonym TEXT, reason TEXT NOT NULL, detail TEXT NOT NULL, item INTEGER, items INTEGER NOT NULL,
            size INTEGER NOT NULL,
            payload_hash BLOB NOT NULL);
        CREATE INDEX dead_letter_hash ON dead_letter(payload_hash);
        CREATE TABLE dirty(wearer INTEGER NOT NULL, hour INTEGER NOT NULL, first INTEGER NOT NULL,
            last INTEGER NOT NULL, touches INTEGER NOT NULL, PRIMARY KEY(wearer, hour)) WITHOUT ROWID;
        CREATE TABLE hour_summary(wearer INTEGER NOT NULL, hour INTEGER NOT NULL, known_at INTEGER NOT NULL,
            cells BLOB NOT NULL, PRIMARY KEY(wearer, hour, known_at)) WITHOUT ROWID;
        CREATE TABLE day_summary(wearer INTEGER NOT NULL, date TEXT NOT NULL, known_at INTEGER NOT NULL,
            summary TEXT NOT NULL, PRIMARY KEY(wearer, date, known_at)) WITHOUT ROWID;
        CREATE TABLE forecast(id INTEGER PRIMARY KEY, wearer INTEGER NOT NULL REFERENCES wearer(id),
            issued INTEGER NOT NULL, date TEXT NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL,
            origin TEXT NOT NULL, probability REAL, base_rate REAL NOT NULL, band TEXT NOT NULL,
            at_risk INTEGER NOT NULL, gap TEXT, coverage REAL NOT NULL, data_until INTEGER,
            gate TEXT NOT NULL, model TEXT NOT NULL, alerted INTEGER NOT NULL, features TEXT NOT NULL,
            reasons TEXT NOT NULL, UNIQUE(wearer, target, date, kind));
        CREATE TRIGGER forecast_stays BEFORE UPDATE ON forecast
            BEGIN SELECT RAISE(ABORT, 'a forecast is never rewritten'); END;
        CREATE TABLE risk_window(wearer INTEGER NOT NULL REFERENCES wearer(id), target TEXT NOT NULL,
            start INTEGER NOT NULL, end INTEGER, updated INTEGER NOT NULL, peak REAL NOT NULL,
            peak_relative_risk REAL NOT NULL, band TEXT NOT NULL, reasons TEXT NOT NULL,
            PRIMARY KEY(wearer, target, start)) WITHOUT ROWID;
        CREATE TABLE preceded(wearer INTEGER NOT NULL REFERENCES wearer(id), episode TEXT NOT NULL,
            onset INTEGER NOT NULL, window_start INTEGER NOT NULL,
            PRIMARY KEY(wearer, episode, window_start)) WITHOUT ROWID;
        CREATE TABLE alert(key TEXT PRIMARY KEY, wearer INTEGER NOT NULL REFERENCES wearer(id),
            raised INTEGER NOT NULL, window_start INTEGER NOT NULL, alert TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE outbox(key TEXT NOT NULL, channel TEXT NOT NULL,
            wearer INTEGER NOT NULL REFERENCES wearer(id), created INTEGER NOT NULL,
            announcement TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, next INTEGER NOT NULL,
            expires INTEGER NOT NULL, done INTEGER, PRIMARY KEY(key, channel)) WITHOUT ROWID;
        CREATE INDEX outbox_state ON outbox(state, next);
        CREATE TABLE counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        """;

    // sample_fact: one version of what was sent under an id, with the object's bytes and its samples' (t,
    // series, dur), so that a later version or a withdrawal knows what it takes back. A sample names the
    // version it came with (fact, 0 for none) and the receipt of what took that back (gone). message_key:
    // only for messages that have no instant of their own. gap: every stretch in which something may have
    // been lost. hour_digest: what is left of an hour when its minutes are too old. erased: whose data may
    // not come back, by a hash. outbox.receipt: what the channel answered when it took the announcement.
    // instance: which store this is, as the mark beside it says too. thinned: hours of which samples are
    // gone, so that they are never folded again. retention: below thinned_until hours may be thinned, the
    // next run begins at raw_from, or at late, what came in below since. store_size: one row a day, to tell
    // how the file grows. payload_key: by which key the payloads are encrypted (see PayloadCipher). kept:
    // when it came in here, by our own clock, whatever receipt was stated. forward: what is to be forwarded,
    // see ForwardTable (kind 0: samples, oldest their earliest start). forward_target: to whom, as a hash,
    // and how far what was here before has been told.
    const string Second = """
        CREATE TABLE sample_fact(wearer INTEGER NOT NULL REFERENCES wearer(id), device TEXT NOT NULL,
            kind TEXT NOT NULL, id TEXT NOT NULL, rev INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
            hash BLOB NOT NULL, received INTEGER NOT NULL, replayed INTEGER NOT NULL, keys BLOB NOT NULL,
            payload BLOB NOT NULL,
            PRIMARY KEY(wearer, device, kind, id, rev, withdrawn, hash)) WITHOUT ROWID;
        ALTER TABLE sample ADD COLUMN fact INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE sample ADD COLUMN gone INTEGER;
        ALTER TABLE sample_superseded RENAME TO sample_superseded_1;
        CREATE TABLE sample_superseded(t INTEGER NOT NULL, series INTEGER NOT NULL, dur INTEGER NOT NULL,
            value REAL NOT NULL, received INTEGER NOT NULL, rev INTEGER NOT NULL, flags INTEGER NOT NULL,
            q REAL, off INTEGER, fact INTEGER NOT NULL DEFAULT 0, gone INTEGER,
            PRIMARY KEY(t, series, dur, rev, value, fact)) WITHOUT ROWID;
        INSERT INTO sample_superseded SELECT t, series, dur, value, received, rev, flags, q, off, 0, NULL
            FROM sample_superseded_1;
        DROP TABLE sample_superseded_1;
        CREATE TABLE message_key(hash BLOB PRIMARY KEY, kept INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX message_key_kept ON message_key(kept);
        CREATE TABLE gap(id INTEGER PRIMARY KEY, wearer INTEGER REFERENCES wearer(id), device TEXT,
            cause TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER, lost INTEGER);
        CREATE INDEX gap_start ON gap(start);
        CREATE TABLE hour_digest(wearer INTEGER NOT NULL, hour INTEGER NOT NULL, known_at INTEGER NOT NULL,
            heart_rate_minutes INTEGER NOT NULL, heart_rate_median REAL, heart_rate_min REAL,
            heart_rate_max REAL, step_minutes INTEGER NOT NULL, steps REAL,
            PRIMARY KEY(wearer, hour)) WITHOUT ROWID;
        CREATE TABLE erased(hash BLOB PRIMARY KEY, salt BLOB NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE broker_session(client TEXT PRIMARY KEY, filters TEXT NOT NULL,
            seen INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
        ALTER TABLE outbox ADD COLUMN receipt TEXT;
        CREATE TABLE instance(id INTEGER PRIMARY KEY CHECK(id=1), store TEXT NOT NULL);
        INSERT INTO instance VALUES(1, lower(hex(randomblob(16))));
        CREATE TABLE thinned(wearer INTEGER NOT NULL, hour INTEGER NOT NULL,
            PRIMARY KEY(wearer, hour)) WITHOUT ROWID;
        CREATE TABLE retention(id INTEGER PRIMARY KEY CHECK(id=1), ran INTEGER,
            thinned_until INTEGER NOT NULL, raw_from INTEGER NOT NULL, minute_from INTEGER NOT NULL,
            late INTEGER);
        CREATE TABLE payload_key(id INTEGER PRIMARY KEY CHECK(id IN (1, 2)), check_value BLOB NOT NULL);
        CREATE TABLE store_size(day INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, rows INTEGER NOT NULL);
        ALTER TABLE dead_letter ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE dead_letter ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;
        UPDATE dead_letter SET kept=received;
        CREATE INDEX dead_letter_kept ON dead_letter(kept);
        CREATE TABLE forward(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, points INTEGER NOT NULL,
            oldest INTEGER, total INTEGER NOT NULL, kind INTEGER NOT NULL, wearer INTEGER,
            packed BLOB NOT NULL);
        CREATE TABLE forward_target(id INTEGER PRIMARY KEY CHECK(id=1), target TEXT, step INTEGER NOT NULL,
            place TEXT NOT NULL);
        """;

    // told: the hashes of all that anything was forwarded to, null where that is not known. again: whether
    // the target of now was told before, and may hold what is true no more. sample_superseded_rank: what
    // comes up when what stands falls, whose versions sample_superseded_fact finds.
    const string Third = """
        ALTER TABLE forward_target ADD COLUMN told TEXT;
        ALTER TABLE forward_target ADD COLUMN again INTEGER NOT NULL DEFAULT 1;
        CREATE INDEX sample_superseded_rank ON sample_superseded(t, series, dur, (gone IS NULL), rev,
            received, value, fact);
        CREATE INDEX sample_superseded_fact ON sample_superseded(t, series, dur, fact) WHERE fact<>0;
        """;
}
