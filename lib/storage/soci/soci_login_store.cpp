#include "storage/soci/soci_login_store.hpp"

#include <chrono>
#include <set>
#include <utility>

#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/told_text.hpp"

namespace postern::storage {
namespace {

constexpr std::chrono::minutes repeated_within{10};
constexpr std::size_t most_noted_logins = 10'000;  // then we forget: the worst is a row too many
constexpr std::size_t most_waiting = 1'000;        // what comes while the database is away is not worth more

void insert_login(connection& on, const login& attempt) {
    // An account may be gone by now; that must not take the others' rows with it.
    query row(on, "INSERT INTO login (account_id, at, address, method, client, ok) SELECT id, " +
                      dialect::time(on.kind(), ":at") +
                      ", :address, :method, :client, (:ok <> 0) FROM account WHERE id = :account");
    row.use("account", attempt.account).use("at", attempt.at).use("address", attempt.address).use("method", attempt.method);
    row.use("client", attempt.client).use("ok", attempt.ok).run();
}

void trim(connection& on, account_id account) {
    query(on,
          "DELETE FROM login WHERE account_id = :account AND id NOT IN"
          " (SELECT id FROM login WHERE account_id = :account ORDER BY id DESC LIMIT :kept)")
        .use("account", account)
        .use("kept", static_cast<std::int64_t>(login_store::most_kept))
        .run();
}

core::result<std::vector<login>> select_logins(connection& on, account_id account) {
    std::vector<login> all;
    login row;
    row.account = account;
    query rows(on, "SELECT " + dialect::micros(on.kind(), "at") +
                       ", address, method, client, CAST(ok AS integer) FROM login WHERE account_id = :account"
                       " ORDER BY id DESC LIMIT :kept");
    rows.use("account", account).use("kept", static_cast<std::int64_t>(login_store::most_kept));
    rows.into(row.at).into(row.address).into(row.method).into(row.client).into(row.ok);
    while (rows.next()) all.push_back(row);
    return all;
}

}  // namespace

/// Owns its part of the log: the answer may come when the store is gone.
class login_log::insertion final : public job_item {
public:
    insertion(std::shared_ptr<login_log> log, std::vector<login> attempts)
        : log_(std::move(log)), attempts_(std::move(attempts)) {}

    core::result<void> perform(connection& database) override {
        std::set<account_id> accounts;
        for (const auto& attempt : attempts_) {
            insert_login(database, attempt);
            accounts.insert(attempt.account);
        }
        for (const auto account : accounts) trim(database, account);
        return {};
    }

    void answer() override { log_->written(); }

private:
    std::shared_ptr<login_log> log_;
    std::vector<login> attempts_;
};

void login_log::note(login attempt) {
    attempt.address = told_text(attempt.address);
    attempt.method = told_text(attempt.method);
    attempt.client = told_text(attempt.client);
    likeness same(attempt.account, attempt.address, attempt.method, attempt.client, attempt.ok);
    const auto last = noted_.find(same);
    if (last != noted_.end() && attempt.at < last->second + repeated_within) return;
    if (noted_.size() >= most_noted_logins) noted_.clear();
    noted_[std::move(same)] = attempt.at;
    if (waiting_.size() >= most_waiting) return;
    waiting_.push_back(std::move(attempt));
    if (!writing_) write();
}

void login_log::write() {
    const auto job = std::make_shared<insertion>(shared_from_this(), std::exchange(waiting_, {}));
    writing_ = writes_ != nullptr && writes_->submit(job);
}

void login_log::written() {
    writing_ = false;
    if (!waiting_.empty()) write();
}

net::awaitable<core::result<std::vector<login>>> soci_login_store::list(account_id account) {
    co_return co_await reads_.run([account](connection& on) { return select_logins(on, account); });
}

}  // namespace postern::storage
