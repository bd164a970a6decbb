#include "storage/soci/sqlite_delivery.hpp"

#include <algorithm>

#include <soci/sqlite3/soci-sqlite3.h>

#include "storage/soci/content_parts.hpp"
#include "storage/soci/delivery_extras.hpp"
#include "storage/soci/json_columns.hpp"
#include "storage/soci/message_history.hpp"
#include "storage/soci/queue_columns.hpp"
#include "storage/soci/role_column.hpp"
#include "storage/soci/sqlite_statement.hpp"

namespace postern::storage {

using namespace sqlite_api;

namespace {

constexpr int pages_per_rest = 1000;                 // 4 MiB
constexpr int pages_per_checkpoint = 8000;           // 32 MiB
constexpr int pages_per_patient_checkpoint = 32000;  // 128 MiB
constexpr int patience_ms = 100;

/// NULL for what is not given. A view of what it is given.
std::optional<std::string_view> given(std::string_view word) {
    return word.empty() ? std::nullopt : std::optional<std::string_view>(word);
}

}  // namespace

struct sqlite_delivery::statements {
    explicit statements(::sqlite_api::sqlite3* database)
        : mailbox(database, "SELECT id, name, uid_next, highest_modseq FROM mailbox WHERE account_id = ?1 AND role = ?2"),
          account(database, "SELECT disabled, quota_limit, quota_used FROM account WHERE id = ?1"),
          ids(database, "UPDATE object_id SET next = next + ?1 RETURNING next - ?1"),
          message(database,
                  "INSERT INTO message (id, received_at, reverse_path, recipients, size, sha256, return_path_size, from_name, "
                  "from_address, to_list, subject, sent_at, preview, has_attachments, header_message_id, in_reply_to, "
                  "reference_list, submitted_by, history, octets) "
                  "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)"),
          content(database, "INSERT INTO message_content (message_id, part, octets) VALUES (?1, ?2, ?3)"),
          entry(database,
                "INSERT INTO mailbox_message (id, mailbox_id, uid, message_id, modseq, received_at, seen, delivered_to) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
          event(database,
                "INSERT INTO message_event (id, message_id, at, kind, recipient, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
          mailbox_counters(database,
                           "UPDATE mailbox SET uid_next = ?2, highest_modseq = ?3, total = total + ?4, unread = unread + ?5 "
                           "WHERE id = ?1"),
          account_counter(database, "UPDATE account SET quota_used = quota_used + ?2 WHERE id = ?1"),
          queue_item(database, "SELECT message_id, COALESCE(lease_owner, '') FROM queue_item WHERE id = ?1"),
          outbound(database, "INSERT INTO outbound (message_id, body, smtputf8, ret, envid) VALUES (?1, ?2, ?3, ?4, ?5)"),
          queue(database,
                "INSERT INTO queue_item (id, message_id, recipient, destination, created_at, next_attempt_at, expires_at, "
                "notify, "
                "orcpt, lease_owner, lease_until) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9, ?10)"),
          defer(database,
                "UPDATE queue_item SET attempts = attempts + ?2, next_attempt_at = ?3, delay_notified = delay_notified OR ?4, "
                "last_host = ?5, last_status = ?6, last_reply = ?7, lease_owner = NULL, lease_until = NULL WHERE id = ?1"),
          finish(database, "DELETE FROM queue_item WHERE id = ?1"),
          finish_outbound(database,
                          "DELETE FROM outbound WHERE message_id = ?1 AND NOT EXISTS "
                          "(SELECT 1 FROM queue_item q WHERE q.message_id = ?1)"),
          drop_content(database,
                       "DELETE FROM message_content WHERE message_id = ?1 "
                       "AND NOT EXISTS (SELECT 1 FROM outbound o WHERE o.message_id = ?1) "
                       "AND NOT EXISTS (SELECT 1 FROM mailbox_message e WHERE e.message_id = ?1)") {}

    sqlite_statement mailbox;
    sqlite_statement account;
    sqlite_statement ids;
    sqlite_statement message;
    sqlite_statement content;
    sqlite_statement entry;
    sqlite_statement event;
    sqlite_statement mailbox_counters;
    sqlite_statement account_counter;
    sqlite_statement queue_item;
    sqlite_statement outbound;
    sqlite_statement queue;
    sqlite_statement defer;
    sqlite_statement finish;
    sqlite_statement finish_outbound;
    sqlite_statement drop_content;
};

sqlite_delivery::sqlite_delivery(config::database_settings settings, std::shared_ptr<turnstile> write_lock)
    : lane_executor(std::move(settings)), write_lock_(std::move(write_lock)), turn_(*write_lock_, std::defer_lock) {}

sqlite_delivery::~sqlite_delivery() = default;

void sqlite_delivery::prepare(connection& opened) {
    statements_ = std::make_unique<statements>(opened.sqlite());
    // Replaces the automatic checkpoint: tidy() makes them.
    sqlite3_wal_hook(
        opened.sqlite(),
        [](void* pages, sqlite3*, const char*, int count) {
            *static_cast<int*>(pages) = count;
            return SQLITE_OK;
        },
        &log_pages_);
    opened.execute("PRAGMA journal_size_limit = 67108864");  // a log that grew gives its space back when it starts over
    checkpoint_at_ = pages_per_checkpoint;
    patient_checkpoint_at_ = pages_per_patient_checkpoint;
}

void sqlite_delivery::forget() noexcept {
    statements_.reset();
    if (turn_) turn_.unlock();
}

void sqlite_delivery::begin() {
    if (!turn_) turn_.lock();
    database().restart_deadline();  // waiting for the turn, and for the file below, is not the statements' own time
    lane_executor::begin();
    database().restart_deadline();
}

step sqlite_delivery::commit(const next_items& next) {
    auto ended = lane_executor::commit(next);
    if (ended.ok()) turn_.unlock();
    return ended;
}

void sqlite_delivery::rollback() noexcept {
    lane_executor::rollback();
    if (turn_) turn_.unlock();
}

step sqlite_delivery::deliver(std::span<const std::shared_ptr<delivery_item>> items) {
    return during([&] {
        begin();
        delivery_plan plan(items);
        read_rows(plan);
        if (plan.has_extras()) read_extras(database(), plan);
        plan.decide();
        for (const auto* message : plan.accepted()) write_message(*message, plan.history_of(*message));
        write_placement(plan);
        write_queue(plan);
        if (plan.has_extras()) write_extras(database(), plan);
        return step{};
    });
}

void sqlite_delivery::read_rows(delivery_plan& plan) {
    for (const auto& [account, role] : plan.places()) {
        auto& found = statements_->mailbox.bind(account, to_column(role));
        while (found.row()) {
            plan.add(delivery_plan::mailbox_row{
                {found.number(0)}, account, role, std::string(found.text(1)), found.number(2), found.number(3)});
        }
    }
    for (const auto id : plan.account_ids()) {
        auto& found = statements_->account.bind(id);
        while (found.row()) {
            const auto limit = found.is_null(1) ? std::nullopt : std::optional(found.number(1));
            plan.add(delivery_plan::account_row{id, found.number(0) != 0, limit, found.number(2)});
        }
    }
    for (const auto id : plan.queue_ids()) {
        auto& found = statements_->queue_item.bind(id);
        while (found.row()) plan.add(delivery_plan::queue_row{id, {found.number(0)}, std::string(found.text(1))});
    }
}

void sqlite_delivery::write_message(const new_message& message, const std::optional<std::string>& history) {
    const auto& d = message.what;
    const auto& s = d.summary;
    const auto recipients = to_json(d.recipients);
    const auto to_list = to_json(s.to);
    const auto references = to_json(s.references);
    const std::string_view sha256(reinterpret_cast<const char*>(message.sha256.data()), message.sha256.size());
    const bool in_row = holds_octets(d);
    std::optional<sqlite_statement::blob> octets;
    if (in_row) octets = sqlite_statement::blob{part_of(*d.octets, 0, d.octets->size())};
    statements_->message
        .bind(d.id, d.received_at, d.reverse_path, recipients, static_cast<std::int64_t>(d.octets->size()),
              sqlite_statement::blob{sha256}, d.return_path_size, s.from.name, s.from.address, to_list, s.subject,
              storable(s.date), s.preview, s.has_attachments, s.message_id, s.in_reply_to, references, d.submitted_by, history,
              octets)
        .run();
    if (in_row) return;
    for_each_part(*d.octets, [&](std::int64_t number, std::uint64_t offset, std::size_t size) {
        statements_->content.bind(d.id, number, sqlite_statement::blob{part_of(*d.octets, offset, size)}).run();
    });
}

/// A view of them where they lie, or of a copy that the next call overwrites.
std::string_view sqlite_delivery::part_of(const core::content& octets, std::uint64_t offset, std::size_t size) {
    if (const auto whole = octets.in_memory()) return whole->substr(offset, size);
    part_.resize(std::max(part_.size(), size));
    read_part(octets, offset, std::span(part_).first(size));
    return {part_.data(), size};
}

void sqlite_delivery::write_placement(const delivery_plan& plan) {
    if (plan.entries().empty() && plan.events().empty() && !plan.has_extras()) return;
    auto id = take_ids(plan.entries().size() + plan.events().size());
    for (const auto& entry : plan.entries()) {
        statements_->entry
            .bind(id++, entry.mailbox, entry.uid, entry.message->id, entry.modseq, entry.message->received_at,
                  entry.local->seen, entry.local->recipient)
            .run();
    }
    for (const auto& [message, event] : plan.events()) {
        statements_->event.bind(id++, message, event->at, event->kind, event->recipient, event->detail).run();
    }
    for (const auto* row : plan.changed_mailboxes()) {
        statements_->mailbox_counters.bind(row->id, row->uid_next, row->highest_modseq, row->growth(), row->unread).run();
    }
    for (const auto* row : plan.changed_accounts()) statements_->account_counter.bind(row->id, row->added).run();
}

void sqlite_delivery::write_queue(const delivery_plan& plan) {
    for (const auto* d : plan.outbound()) {
        const auto& o = d->outbound;
        statements_->outbound.bind(d->id, to_column(o.body), o.smtputf8, given(to_column(o.ret)), o.envid).run();
    }
    for (const auto& [id, d, recipient] : plan.queued()) {
        const auto notify = to_column(recipient->notify);
        const auto lease_until = d->lease_owner.empty() ? std::nullopt : std::optional(d->lease_until);
        statements_->queue
            .bind(id, d->id, recipient->recipient, recipient->destination, d->received_at, recipient->expires_at, given(notify),
                  recipient->orcpt, given(d->lease_owner), lease_until)
            .run();
    }
    for (const auto& [id, outcome] : plan.deferred()) {
        statements_->defer
            .bind(id, outcome->attempted, outcome->next_attempt_at, outcome->delay_notified, outcome->last_host,
                  outcome->last_status, outcome->last_reply)
            .run();
    }
    for (const auto id : plan.finished()) statements_->finish.bind(id).run();
    for (const auto id : plan.finished_messages()) {
        statements_->finish_outbound.bind(id).run();
        statements_->drop_content.bind(id).run();
    }
}

/// The first of `count` ids. Inside the transaction, so none is lost when it is rolled back.
std::int64_t sqlite_delivery::take_ids(std::size_t count) {
    auto& ids = statements_->ids.bind(static_cast<std::int64_t>(count));
    std::int64_t first = 0;
    while (ids.row()) first = ids.number(0);
    return first;
}

void sqlite_delivery::checkpoint() {
    sqlite3_wal_checkpoint_v2(database().sqlite(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    checkpoint_at_ = log_pages_ + pages_per_checkpoint;
}

void sqlite_delivery::rest() {
    if (log_pages_ < pages_per_rest) return;
    during([this] { return checkpoint(), step{}; });
}

void sqlite_delivery::tidy() {
    if (log_pages_ < pages_per_checkpoint) {
        checkpoint_at_ = pages_per_checkpoint;  // the log has started over
        patient_checkpoint_at_ = pages_per_patient_checkpoint;
    }
    if (log_pages_ < checkpoint_at_) return;
    during([this] {
        checkpoint();
        if (log_pages_ < patient_checkpoint_at_) return step{};
        const std::lock_guard turn(*write_lock_);
        sqlite3_busy_timeout(database().sqlite(), patience_ms);
        sqlite3_wal_checkpoint_v2(database().sqlite(), nullptr, SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
        sqlite3_busy_timeout(database().sqlite(), static_cast<int>(settings().statement_timeout.count()));
        patient_checkpoint_at_ = 2 * log_pages_;
        return step{};
    });
}

}  // namespace postern::storage
