#include "storage/soci/queue_item_query.hpp"

#include "storage/soci/dialect.hpp"
#include "storage/soci/queue_columns.hpp"

namespace postern::storage {
namespace {

std::string select(backend on) {
    return "SELECT q.id, q.message_id, m.reverse_path, m.submitted_by, m.size, m.return_path_size,"
           " o.body, CAST(o.smtputf8 AS integer), COALESCE(o.ret, ''), COALESCE(o.envid, ''),"
           " CAST(o.envid IS NOT NULL AS integer), q.recipient, q.destination, COALESCE(q.notify, ''), COALESCE(q.orcpt, ''),"
           " CAST(q.orcpt IS NOT NULL AS integer), q.state, q.attempts, " +
           dialect::micros(on, "q.created_at") + ", " + dialect::micros(on, "q.next_attempt_at") + ", " +
           dialect::micros(on, "q.expires_at") + ", COALESCE(q.lease_owner, ''), " + dialect::micros(on, "q.lease_until") +
           ", CAST(q.delay_notified AS integer), q.last_host, q.last_status, q.last_reply"
           " FROM queue_item q JOIN outbound o ON o.message_id = q.message_id JOIN message m ON m.id = q.message_id ";
}

}  // namespace

queue_item_query::queue_item_query(connection& on, const std::string& rest) : rows_(on, select(on.kind()) + rest) {
    rows_.into(row_.id).into(row_.message).into(row_.reverse_path).into(submitted_by_).into(row_.size);
    rows_.into(row_.return_path_size).into(body_).into(row_.outbound.smtputf8).into(ret_).into(envid_).into(has_envid_);
    rows_.into(row_.recipient).into(row_.destination).into(notify_).into(orcpt_).into(has_orcpt_).into(state_);
    rows_.into(row_.attempts).into(row_.created_at).into(row_.next_attempt_at).into(row_.expires_at);
    rows_.into(row_.lease_owner).into(row_.lease_until).into(row_.delay_notified);
    rows_.into(row_.last_host).into(row_.last_status).into(row_.last_reply);
}

std::optional<queue_item> queue_item_query::next() {
    if (!rows_.next()) return std::nullopt;
    auto item = row_;
    if (submitted_by_) item.submitted_by = account_id{*submitted_by_};
    item.outbound.body = body_from_column(body_);
    item.outbound.ret = ret_from_column(ret_);
    if (has_envid_) item.outbound.envid = envid_;
    item.notify = notify_from_column(notify_);
    if (has_orcpt_) item.orcpt = orcpt_;
    item.state = state_from_column(state_);
    return item;
}

}  // namespace postern::storage
