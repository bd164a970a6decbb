#include "storage/soci/postgresql_trips.hpp"

#include <algorithm>
#include <array>

#include "storage/soci/content_parts.hpp"
#include "storage/soci/json_columns.hpp"
#include "storage/soci/message_history.hpp"
#include "storage/soci/postgresql_queue.hpp"
#include "storage/soci/postgresql_statement.hpp"
#include "storage/soci/role_column.hpp"

namespace postern::storage {
namespace {

using namespace pg_types;

// What every batch writes is opened by subscript: unnest() keeps a store of its own for every column, which for a batch of ten
// is more work than the rows are. A subscript walks over what stands before it, so long arrays go in pieces: see
// send_if_long().
constexpr pg_statement<0> begin_transaction{"begin", "BEGIN", {}};
constexpr pg_statement<0> commit_transaction{"commit", "COMMIT", {}};

constexpr pg_statement<20> insert_message{
    "insert_message",
    "INSERT INTO message (id, received_at, reverse_path, recipients, size, sha256, return_path_size, from_name, from_address, "
    "to_list, subject, sent_at, preview, has_attachments, header_message_id, in_reply_to, reference_list, submitted_by, "
    "history, "
    "octets) "
    "SELECT $1[i], $2[i], $3[i], $4[i], $5[i], $6[i], $7[i], $8[i], $9[i], $10[i], $11[i], $12[i], $13[i], $14[i], $15[i], "
    "$16[i], $17[i], $18[i], $19[i], $20[i] FROM generate_series(1, cardinality($1)) AS i",
    {int8, timestamptz, text, jsonb,   int8, bytea, int8,  text, text, jsonb,
     text, timestamptz, text, boolean, text, text,  jsonb, int8, json, bytea}};

constexpr pg_statement<3> insert_content{"insert_content",
                                         "INSERT INTO message_content (message_id, part, octets) SELECT $1[i], $2[i], $3[i] "
                                         "FROM generate_series(1, cardinality($1)) AS i",
                                         {int8, int8, bytea}};

// NO KEY UPDATE: the check of mailbox_message's foreign key, also another delivery's, need not wait for it.
constexpr pg_statement<2> lock_mailboxes{
    "lock_mailboxes",
    "SELECT m.id, m.account_id, m.role, m.name, m.uid_next, m.highest_modseq "
    "FROM unnest($1, $2) AS wanted (account_id, role) JOIN mailbox m USING (account_id, role) "
    "ORDER BY m.id FOR NO KEY UPDATE OF m",
    {int8, text}};

constexpr pg_statement<1> lock_accounts{"lock_accounts",
                                        "SELECT id, disabled, quota_limit, quota_used FROM account WHERE id = ANY ($1) "
                                        "ORDER BY id FOR NO KEY UPDATE",
                                        {int8}};

constexpr pg_statement<1> drop_messages{"drop_messages", "DELETE FROM message WHERE id = ANY ($1)", {int8}};

constexpr pg_statement<7> insert_entry{
    "insert_entry",
    "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, seen, delivered_to) "
    "SELECT nextval('object_id'), $1[i], $2[i], $3[i], $4[i], $5[i], $6[i], $7[i] "
    "FROM generate_series(1, cardinality($1)) AS i",
    {int8, int8, int8, int8, timestamptz, boolean, text}};

constexpr pg_statement<5> insert_event{"insert_event",
                                       "INSERT INTO message_event (id, message_id, at, kind, recipient, detail) "
                                       "SELECT nextval('object_id'), $1[i], $2[i], $3[i], $4[i], $5[i] "
                                       "FROM generate_series(1, cardinality($1)) AS i",
                                       {int8, timestamptz, text, text, jsonb}};

constexpr pg_statement<5> update_mailboxes{
    "update_mailboxes",
    "UPDATE mailbox m SET uid_next = b.uid_next, highest_modseq = b.modseq, total = m.total + b.added, "
    "unread = m.unread + b.unread FROM unnest($1, $2, $3, $4, $5) AS b (id, uid_next, modseq, added, unread) WHERE m.id = b.id",
    {int8, int8, int8, int8, int8}};

constexpr pg_statement<2> update_accounts{"update_accounts",
                                          "UPDATE account a SET quota_used = a.quota_used + b.added "
                                          "FROM unnest($1, $2) AS b (id, added) WHERE a.id = b.id",
                                          {int8, int8}};

// Lock and count in one, of rows that are foreseen. Where one is not so, the number written breaks the column's CHECK, and with
// it the transaction; where one is gone, the foreign key of what follows does.
// Of each row: id, role, name, uid_next, modseq, messages added, unread.
constexpr pg_statement<7> take_mailboxes{
    "take_mailboxes",
    "UPDATE mailbox m SET uid_next = CASE WHEN m.uid_next = $4[i] AND m.highest_modseq = $5[i] AND m.role = $2[i] "
    "AND m.name = $3[i] THEN m.uid_next + $6[i] ELSE 0 END, highest_modseq = m.highest_modseq + $6[i], "
    "total = m.total + $6[i], unread = m.unread + $7[i] FROM generate_series(1, cardinality($1)) AS i WHERE m.id = $1[i]",
    {int8, text, text, int8, int8, int8, int8}};

// Of each row: id, octets added, quota_used, quota_limit.
constexpr pg_statement<4> take_accounts{"take_accounts",
                                        "UPDATE account a SET quota_used = CASE WHEN NOT a.disabled AND a.quota_used = $3[i] "
                                        "AND a.quota_limit IS NOT DISTINCT FROM $4[i] THEN a.quota_used + $2[i] ELSE -1 END "
                                        "FROM generate_series(1, cardinality($1)) AS i WHERE a.id = $1[i]",
                                        {int8, int8, int8, int8}};

/// Statements of about 1 MiB, however many messages that is: what has been sent need not be kept.
void send_messages(pipeline& trip, const delivery_plan& plan) {
    auto rows = insert_message.arrays();
    auto& [id, received_at, reverse_path, recipients, size, sha256, return_path_size, from_name, from_address, to_list, subject,
           sent_at, preview, has_attachments, header_message_id, in_reply_to, reference_list, submitted_by, history, octets] =
        rows;
    std::size_t gathered = 0;
    for (const auto* message : plan.messages()) {
        const auto& d = message->what;
        const auto& s = d.summary;
        const bool whole = holds_octets(d);
        if (whole && gathered + d.octets->size() > largest_part) {
            send(trip, insert_message, rows);
            rows = insert_message.arrays();
            gathered = 0;
        }
        id.add(d.id.value);
        received_at.add(d.received_at);
        reverse_path.add(d.reverse_path);
        recipients.add_json(to_json(d.recipients));
        size.add(static_cast<std::int64_t>(d.octets->size()));
        sha256.add(std::string_view(reinterpret_cast<const char*>(message->sha256.data()), message->sha256.size()));
        return_path_size.add(d.return_path_size);
        from_name.add(s.from.name);
        from_address.add(s.from.address);
        to_list.add_json(to_json(s.to));
        subject.add(s.subject);
        const auto date = storable(s.date);
        date ? sent_at.add(*date) : sent_at.add_null();
        preview.add(s.preview);
        has_attachments.add(s.has_attachments);
        header_message_id.add(s.message_id);
        in_reply_to.add(s.in_reply_to);
        reference_list.add_json(to_json(s.references));
        d.submitted_by ? submitted_by.add(d.submitted_by->value) : submitted_by.add_null();
        const auto steps = plan.history_of(*message);
        steps ? history.add(std::string_view(*steps)) : history.add_null();
        if (whole) {
            read_part(*d.octets, 0, octets.add_room(d.octets->size()));
            gathered += d.octets->size();
        } else {
            octets.add_null();
        }
        send_if_long(trip, insert_message, rows);
    }
    send(trip, insert_message, rows);
}

/// Of messages whose octets are not in their rows. Statements of about 1 MiB here, too.
void send_content(pipeline& trip, const delivery_plan& plan) {
    auto rows = insert_content.arrays();
    std::size_t gathered = 0;
    const auto send_gathered = [&] {
        if (gathered > 0) send(trip, insert_content, rows);
        rows = insert_content.arrays();
        gathered = 0;
    };
    for (const auto* message : plan.messages()) {
        const auto& d = message->what;
        if (holds_octets(d)) continue;
        for_each_part(*d.octets, [&](std::int64_t part, std::uint64_t offset, std::size_t size) {
            if (gathered + size > largest_part) send_gathered();
            auto& [id, number, octets] = rows;
            id.add(d.id.value);
            number.add(part);
            read_part(*d.octets, offset, octets.add_room(size));
            gathered += size;
        });
    }
    send_gathered();
}

void send_locks(pipeline& trip, const delivery_plan& plan) {
    auto mailboxes = lock_mailboxes.arrays();
    for (const auto& [account, role] : plan.places()) {
        mailboxes[0].add(account.value);
        mailboxes[1].add(to_column(role));
    }
    send(trip, lock_mailboxes, mailboxes);
    auto accounts = lock_accounts.arrays();
    for (const auto id : plan.account_ids()) accounts[0].add(id.value);
    send(trip, lock_accounts, accounts);
}

void read_locked(const pg_rows& mailboxes, const pg_rows& accounts, delivery_plan& plan) {
    for (int i = 0; i < mailboxes.size(); ++i) {
        plan.add(delivery_plan::mailbox_row{{mailboxes.int8(i, 0)},
                                            {mailboxes.int8(i, 1)},
                                            role_from_column(mailboxes.text(i, 2)),
                                            std::string(mailboxes.text(i, 3)),
                                            mailboxes.int8(i, 4),
                                            mailboxes.int8(i, 5)});
    }
    for (int i = 0; i < accounts.size(); ++i) {
        const auto limit = accounts.is_null(i, 2) ? std::nullopt : std::optional(accounts.int8(i, 2));
        plan.add(delivery_plan::account_row{{accounts.int8(i, 0)}, accounts.boolean(i, 1), limit, accounts.int8(i, 3)});
    }
}

void send_drops(pipeline& trip, const delivery_plan& plan) {
    auto ids = drop_messages.arrays();
    for (const auto id : plan.refused()) ids[0].add(id.value);
    send(trip, drop_messages, ids);
}

void send_entries(pipeline& trip, const delivery_plan& plan) {
    auto rows = insert_entry.arrays();
    auto& [mailbox, uid, message, modseq, received_at, seen, delivered_to] = rows;
    for (const auto& entry : plan.entries()) {
        mailbox.add(entry.mailbox.value);
        uid.add(entry.uid);
        message.add(entry.message->id.value);
        modseq.add(entry.modseq);
        received_at.add(entry.message->received_at);
        seen.add(entry.local->seen);
        delivered_to.add(entry.local->recipient);
        send_if_long(trip, insert_entry, rows);
    }
    send(trip, insert_entry, rows);
}

void send_events(pipeline& trip, const delivery_plan& plan) {
    auto rows = insert_event.arrays();
    auto& [message, at, kind, recipient, detail] = rows;
    for (const auto& [id, event] : plan.events()) {
        message.add(id.value);
        at.add(event->at);
        kind.add(event->kind);
        recipient.add(event->recipient);
        detail.add_json(event->detail);
        send_if_long(trip, insert_event, rows);
    }
    send(trip, insert_event, rows);
}

void send_counters(pipeline& trip, const delivery_plan& plan) {
    auto mailboxes = update_mailboxes.arrays();
    for (const auto* row : plan.changed_mailboxes()) {
        mailboxes[0].add(row->id.value);
        mailboxes[1].add(row->uid_next);
        mailboxes[2].add(row->highest_modseq);
        mailboxes[3].add(row->growth());
        mailboxes[4].add(row->unread);
    }
    send(trip, update_mailboxes, mailboxes);
    auto accounts = update_accounts.arrays();
    for (const auto* row : plan.changed_accounts()) {
        accounts[0].add(row->id.value);
        accounts[1].add(row->added);
    }
    send(trip, update_accounts, accounts);
}

/// send_locks, read_locked and send_counters in one, for a plan whose rows are foreseen.
void send_takes(pipeline& trip, const delivery_plan& plan) {
    auto mailboxes = take_mailboxes.arrays();
    auto& [id, role, name, uid_next, modseq, added, unread] = mailboxes;
    for (const auto* row : plan.changed_mailboxes()) {
        id.add(row->id.value);
        role.add(to_column(row->role));
        name.add(row->name);
        uid_next.add(row->uid_next - row->added);
        modseq.add(row->highest_modseq - row->added);
        added.add(row->added);
        unread.add(row->unread);
        send_if_long(trip, take_mailboxes, mailboxes);
    }
    send(trip, take_mailboxes, mailboxes);
    auto accounts = take_accounts.arrays();
    auto& [account, octets, quota_used, quota_limit] = accounts;
    for (const auto& [key, row] : plan.accounts()) {
        account.add(key.value);
        octets.add(row.added);
        quota_used.add(row.quota_used);
        row.quota_limit ? quota_limit.add(*row.quota_limit) : quota_limit.add_null();
        send_if_long(trip, take_accounts, accounts);
    }
    send(trip, take_accounts, accounts);
}

void send_batch(pipeline& trip, const delivery_plan& plan) {
    if (plan.messages().empty()) return;
    send_messages(trip, plan);
    send_content(trip, plan);
}

void send_placement(pipeline& trip, const delivery_plan& plan) {
    if (!plan.entries().empty()) send_entries(trip, plan);
    send_queue_changes(trip, plan);
    if (!plan.events().empty()) send_events(trip, plan);
}

/// Whether the queue's rows are locked in the first trip: not where lock_queue_first() did it.
bool locks_queue(const delivery_plan& plan) { return !plan.queue_ids().empty() && !plan.has_notices(); }

}  // namespace

void prepare_trips(pg_conn* libpq) {
    prepare_statement(libpq, begin_transaction);
    prepare_statement(libpq, commit_transaction);
    prepare_statement(libpq, insert_message);
    prepare_statement(libpq, insert_content);
    prepare_statement(libpq, lock_mailboxes);
    prepare_statement(libpq, lock_accounts);
    prepare_statement(libpq, drop_messages);
    prepare_statement(libpq, insert_entry);
    prepare_statement(libpq, insert_event);
    prepare_statement(libpq, update_mailboxes);
    prepare_statement(libpq, update_accounts);
    prepare_statement(libpq, take_mailboxes);
    prepare_statement(libpq, take_accounts);
    prepare_queue_statements(libpq);
}

void send_queue_trip(pipeline& trip, const delivery_plan& plan) {
    trip.send(begin_transaction.name);
    send_queue_locks(trip, plan);
    trip.end_trip();
}

void send_first_trip(pipeline& trip, const delivery_plan& plan) {
    if (!plan.has_notices()) trip.send(begin_transaction.name);
    send_batch(trip, plan);
    if (locks_queue(plan)) send_queue_locks(trip, plan);
    if (!plan.account_ids().empty()) send_locks(trip, plan);
    trip.end_trip();
}

void read_first_trip(std::vector<pg_rows> answers, delivery_plan& plan) {
    auto last = answers.rbegin();
    if (!plan.account_ids().empty()) {
        const auto& accounts = *last++;
        read_locked(*last++, accounts, plan);
    }
    if (locks_queue(plan)) read_queue_locks(*last, plan);
}

void send_second_trip(pipeline& trip, const delivery_plan& plan) {
    if (!plan.refused().empty()) send_drops(trip, plan);
    send_placement(trip, plan);
    if (!plan.entries().empty() || plan.has_extras()) send_counters(trip, plan);
    trip.send(commit_transaction.name);
    trip.end_trip();
}

void send_only_trip(pipeline& trip, const delivery_plan& plan) {
    trip.send(begin_transaction.name);
    send_batch(trip, plan);
    send_queue_takes(trip, plan);
    if (!plan.account_ids().empty()) send_takes(trip, plan);
    send_placement(trip, plan);
    trip.send(commit_transaction.name);
    trip.end_trip();
}

}  // namespace postern::storage
