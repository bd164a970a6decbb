#include "storage/soci/route_lookup.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "core/unicode.hpp"
#include "storage/soci/dialect.hpp"
#include "storage/soci/query.hpp"

namespace postern::storage {
namespace {

constexpr std::size_t batches_under_way = 2;  // one slow answer does not hold up every RCPT
constexpr std::size_t most_questions = 256;   // per batch

/// The questions as rows (number, domain, local_part), from one parameter: a JSON array of pairs.
std::string question_rows(backend on) {
    if (on == backend::sqlite) {
        return "(SELECT key + 1 AS number, value ->> 0 AS domain, value ->> 1 AS local_part FROM json_each(:questions))";
    }
    // unnest of an array is planned as ten rows, a set-returning function on jsonb as a hundred: that would scan tables.
    return "(SELECT number, pair ->> 0 AS domain, pair ->> 1 AS local_part"
           " FROM unnest(ARRAY(SELECT jsonb_array_elements(CAST(:questions AS jsonb)))) WITH ORDINALITY AS q(pair, number))";
}

/// Neither database could hold it, so it does not exist; PostgreSQL would refuse the question, and the whole batch with it.
bool can_exist(const std::string& text) { return core::is_utf8(text) && text.find('\0') == std::string::npos; }

}  // namespace

/// The prepared query of one session.
class route_lookup::batch_query {
public:
    explicit batch_query(connection& on)
        : rows_(on,
                "SELECT q.number, a.id, a.local_part, CAST(a.kind = 'alias' AS integer), t.id, ta.local_part, td.name,"
                " CAST(t.disabled AS integer), CAST(t.password_hash IS NOT NULL AS integer), CAST(t.admin AS integer),"
                " t.quota_limit, t.quota_used"
                " FROM " +
                    question_rows(on.kind()) +
                    " q JOIN domain d ON d.name = q.domain"
                    " LEFT JOIN address a ON a.domain_id = d.id AND a.local_part = q.local_part"
                    " LEFT JOIN alias_target g ON a.kind = 'alias' AND g.alias_id = a.id"
                    " LEFT JOIN account t ON t.id = CASE a.kind WHEN 'account' THEN a.id ELSE g.account_id END"
                    " LEFT JOIN address ta ON ta.id = t.id LEFT JOIN domain td ON td.id = ta.domain_id"
                    " ORDER BY q.number, " +
                    dialect::by_octets(on.kind(), "td.name") + ", " + dialect::by_octets(on.kind(), "ta.local_part"),
                query::life::kept) {
        rows_.use_variable("questions", questions_)
            .into(number_)
            .into(address_)
            .into(local_part_)
            .into(alias_)
            .into(to_.account)
            .into(to_.address.local_part)
            .into(to_.address.domain)
            .into(to_.disabled)
            .into(to_.has_password)
            .into(to_.admin)
            .into(to_.quota_limit)
            .into(to_.quota_used);
    }

    /// Answers all of `asked`, from nothing.
    void answer(const questions& asked) {
        boost::json::array pairs;
        std::vector<question*> askers;  // by number
        const auto ask = [&](const std::shared_ptr<question>& who, boost::json::value local_part) {
            pairs.emplace_back(boost::json::array{boost::json::value(who->domain), std::move(local_part)});
            askers.push_back(who.get());
        };
        for (const auto& who : asked) {
            who->answer = {};
            if (!can_exist(who->domain)) continue;
            ask(who, nullptr);  // matches no address, and so tells whether the domain is known
            for (const auto& local_part : who->local_parts) {
                if (can_exist(local_part)) ask(who, boost::json::value(local_part));
            }
        }
        questions_ = boost::json::serialize(pairs);
        route_number_ = 0;
        rows_.again();
        while (rows_.next()) take_row(*askers.at(static_cast<std::size_t>(number_ - 1)));
    }

private:
    void take_row(question& who) {
        auto& answer = who.answer;
        answer.domain_known = true;
        if (!address_) return;
        // Rows come by number: those of one alias stand together.
        if (number_ != route_number_) answer.routes.push_back({{local_part_, who.domain}, alias_, {}});
        route_number_ = number_;
        if (to_.account.value != 0) answer.routes.back().destinations.push_back(to_);
    }

    std::string questions_;
    std::int64_t number_ = 0;
    std::int64_t route_number_ = 0;  // of the route that was begun last
    std::optional<std::int64_t> address_;
    std::string local_part_;
    bool alias_ = false;
    route::destination to_;
    query rows_;  // last: it reads and writes the others
};

class route_lookup::batch final : public read_job, public std::enable_shared_from_this<batch> {
public:
    batch(std::shared_ptr<route_lookup> owner, questions asked) : owner_(std::move(owner)), asked_(std::move(asked)) {}

    void perform(connection& on) override { on.kept<batch_query>().answer(asked_); }
    void fail(core::error why) override { failure_ = std::move(why); }

    void answer() override {
        boost::asio::post(owner_->loop_, [self = shared_from_this()] { self->tell(); });
    }

private:
    void tell() {
        --owner_->under_way_;
        owner_->send_soon();
        for (const auto& who : asked_) {
            if (failure_) {
                who->waiter.complete(std::unexpected(*failure_));
            } else {
                who->waiter.complete(std::move(who->answer));
            }
        }
    }

    std::shared_ptr<route_lookup> owner_;
    questions asked_;
    std::optional<core::error> failure_;
};

net::awaitable<core::result<route_answer>> route_lookup::find(std::string domain, std::vector<std::string> local_parts) {
    const auto asked = std::make_shared<question>();
    asked->domain = std::move(domain);
    asked->local_parts = std::move(local_parts);
    waiting_.push_back(asked);
    send_soon();
    co_return co_await asked->waiter.wait();
}

/// After everything else that is ready on the loop now: it may have questions too.
void route_lookup::send_soon() {
    if (sending_soon_ || waiting_.empty() || under_way_ >= batches_under_way) return;
    sending_soon_ = true;
    boost::asio::post(loop_, [self = shared_from_this()] { self->send(); });
}

void route_lookup::send() {
    sending_soon_ = false;
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_questions));
    questions taken(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    ++under_way_;
    reads_.submit(std::make_shared<batch>(shared_from_this(), std::move(taken)));
    send_soon();
}

}  // namespace postern::storage
