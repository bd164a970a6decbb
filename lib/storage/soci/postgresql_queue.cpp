#include "storage/soci/postgresql_queue.hpp"

#include "storage/soci/postgresql_statement.hpp"
#include "storage/soci/queue_columns.hpp"

namespace postern::storage {
namespace {

using namespace pg_types;

constexpr pg_statement<1> lock_outbound{
    "lock_outbound", "SELECT message_id FROM outbound WHERE message_id = ANY ($1) ORDER BY message_id FOR UPDATE", {int8}};

constexpr pg_statement<1> lock_queue{
    "lock_queue",
    "SELECT id, message_id, COALESCE(lease_owner, '') FROM queue_item WHERE id = ANY ($1) ORDER BY id FOR UPDATE",
    {int8}};

// For items whose rows are foreseen. Where one is not so, the division fails, and with it the transaction.
// Of each row: id, message_id, lease_owner.
constexpr pg_statement<3> take_queue{
    "take_queue",
    "SELECT 1 / CAST(count(*) = cardinality($1) AS integer) FROM (SELECT FROM generate_series(1, cardinality($1)) AS i "
    "JOIN queue_item q ON q.id = $1[i] AND q.message_id = $2[i] AND q.lease_owner = $3[i] ORDER BY q.id FOR UPDATE OF q) AS "
    "held",
    {int8, int8, text}};

constexpr pg_statement<5> insert_outbound{
    "insert_outbound",
    "INSERT INTO outbound (message_id, body, smtputf8, ret, envid) SELECT $1[i], $2[i], $3[i], $4[i], $5[i] "
    "FROM generate_series(1, cardinality($1)) AS i",
    {int8, text, boolean, text, text}};

constexpr pg_statement<11> insert_queue{
    "insert_queue",
    "INSERT INTO queue_item (id, message_id, recipient, destination, created_at, next_attempt_at, expires_at, notify, orcpt, "
    "lease_owner, lease_until) SELECT $1[i], $2[i], $3[i], $4[i], $5[i], $6[i], $7[i], $8[i], $9[i], $10[i], $11[i] "
    "FROM generate_series(1, cardinality($1)) AS i",
    {int8, int8, text, text, timestamptz, timestamptz, timestamptz, text, text, text, timestamptz}};

constexpr pg_statement<7> defer_queue{
    "defer_queue",
    "UPDATE queue_item q SET attempts = q.attempts + b.attempts, next_attempt_at = b.next_attempt_at, "
    "delay_notified = q.delay_notified OR b.delay_notified, last_host = b.host, last_status = b.status, last_reply = b.reply, "
    "lease_owner = NULL, lease_until = NULL "
    "FROM unnest($1, $2, $3, $4, $5, $6, $7) AS b (id, attempts, next_attempt_at, delay_notified, host, status, reply) "
    "WHERE q.id = b.id",
    {int8, int8, timestamptz, boolean, text, text, text}};

constexpr pg_statement<1> delete_queue{"delete_queue", "DELETE FROM queue_item WHERE id = ANY ($1)", {int8}};

constexpr pg_statement<1> delete_outbound{"delete_outbound",
                                          "DELETE FROM outbound o WHERE message_id = ANY ($1) AND NOT EXISTS "
                                          "(SELECT 1 FROM queue_item q WHERE q.message_id = o.message_id)",
                                          {int8}};

constexpr pg_statement<1> delete_unheld{"delete_unheld_content",
                                        "DELETE FROM message_content c WHERE message_id = ANY ($1) "
                                        "AND NOT EXISTS (SELECT 1 FROM outbound o WHERE o.message_id = c.message_id) "
                                        "AND NOT EXISTS (SELECT 1 FROM mailbox_message e WHERE e.message_id = c.message_id)",
                                        {int8}};

constexpr pg_statement<0> notify_queue{"notify_queue", "NOTIFY postern_queue", {}};

void add_or_null(binary_array& column, std::string_view value) { value.empty() ? column.add_null() : column.add(value); }

void add_or_null(binary_array& column, const std::optional<std::string>& value) {
    value ? column.add(std::string_view(*value)) : column.add_null();
}

void send_outbound(pipeline& trip, const delivery_plan& plan) {
    auto rows = insert_outbound.arrays();
    auto& [message, body, smtputf8, ret, envid] = rows;
    for (const auto* d : plan.outbound()) {
        message.add(d->id.value);
        body.add(to_column(d->outbound.body));
        smtputf8.add(d->outbound.smtputf8);
        add_or_null(ret, to_column(d->outbound.ret));
        add_or_null(envid, d->outbound.envid);
        send_if_long(trip, insert_outbound, rows);
    }
    send(trip, insert_outbound, rows);
}

void send_queued(pipeline& trip, const delivery_plan& plan) {
    auto rows = insert_queue.arrays();
    auto& [id, message, recipient, destination, created_at, next_attempt_at, expires_at, notify, orcpt, lease_owner,
           lease_until] = rows;
    for (const auto& row : plan.queued()) {
        const auto& d = *row.message;
        id.add(row.id.value);
        message.add(d.id.value);
        recipient.add(std::string_view(row.recipient->recipient));
        destination.add(std::string_view(row.recipient->destination));
        created_at.add(d.received_at);
        next_attempt_at.add(d.received_at);
        expires_at.add(row.recipient->expires_at);
        add_or_null(notify, std::string_view(to_column(row.recipient->notify)));
        add_or_null(orcpt, row.recipient->orcpt);
        add_or_null(lease_owner, std::string_view(d.lease_owner));
        d.lease_owner.empty() ? lease_until.add_null() : lease_until.add(d.lease_until);
        send_if_long(trip, insert_queue, rows);
    }
    send(trip, insert_queue, rows);
}

void send_deferred(pipeline& trip, const delivery_plan& plan) {
    auto rows = defer_queue.arrays();
    auto& [id, attempts, next_attempt_at, delay_notified, host, status, reply] = rows;
    for (const auto& [item, outcome] : plan.deferred()) {
        id.add(item.value);
        attempts.add(std::int64_t{outcome->attempted});
        next_attempt_at.add(outcome->next_attempt_at);
        delay_notified.add(outcome->delay_notified);
        host.add(std::string_view(outcome->last_host));
        status.add(std::string_view(outcome->last_status));
        reply.add(std::string_view(outcome->last_reply));
    }
    send(trip, defer_queue, rows);
}

template <class Id>
void send_ids(pipeline& trip, const pg_statement<1>& s, const std::vector<Id>& ids) {
    auto rows = s.arrays();
    for (const auto id : ids) rows[0].add(id.value);
    send(trip, s, rows);
}

}  // namespace

void prepare_queue_statements(pg_conn* libpq) {
    prepare_statement(libpq, lock_outbound);
    prepare_statement(libpq, lock_queue);
    prepare_statement(libpq, take_queue);
    prepare_statement(libpq, insert_outbound);
    prepare_statement(libpq, insert_queue);
    prepare_statement(libpq, defer_queue);
    prepare_statement(libpq, delete_queue);
    prepare_statement(libpq, delete_outbound);
    prepare_statement(libpq, delete_unheld);
    prepare_statement(libpq, notify_queue);
}

void send_queue_locks(pipeline& trip, const delivery_plan& plan) {
    send_ids(trip, lock_outbound, plan.outbound_ids());
    send_ids(trip, lock_queue, plan.queue_ids());
}

void send_queue_takes(pipeline& trip, const delivery_plan& plan) {
    if (plan.believed().empty()) return;
    send_ids(trip, lock_outbound, plan.outbound_ids());
    auto rows = take_queue.arrays();
    auto& [id, message, owner] = rows;
    for (const auto& item : plan.believed()) {
        id.add(item.id.value);
        message.add(item.message.value);
        owner.add(std::string_view(item.lease_owner));
    }
    send(trip, take_queue, rows);
}

void read_queue_locks(const pg_rows& items, delivery_plan& plan) {
    for (int i = 0; i < items.size(); ++i) {
        plan.add(delivery_plan::queue_row{{items.int8(i, 0)}, {items.int8(i, 1)}, std::string(items.text(i, 2))});
    }
}

void send_queue_changes(pipeline& trip, const delivery_plan& plan) {
    if (!plan.queued().empty()) {
        send_outbound(trip, plan);
        send_queued(trip, plan);
    }
    if (!plan.deferred().empty()) send_deferred(trip, plan);
    if (!plan.finished().empty()) {
        const auto messages = plan.finished_messages();
        send_ids(trip, delete_queue, plan.finished());
        send_ids(trip, delete_outbound, messages);
        send_ids(trip, delete_unheld, messages);
    }
    if (plan.wakes()) trip.send(notify_queue.name);
}

}  // namespace postern::storage
