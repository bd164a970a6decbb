// Threads: which conversation of its account an entry belongs to.
#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "storage/digest.hpp"
#include "storage/soci/arrival_rows.hpp"
#include "storage/soci/query.hpp"
#include "storage/soci/value_list.hpp"

namespace postern::storage {

std::int64_t reference_number(const std::string& header_message_id) {
    const auto digest = sha256(core::memory_content(header_message_id));
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i) number = number << 8 | digest[i];
    return static_cast<std::int64_t>(number);
}

namespace {

/// A Message-ID in an account: (account, reference) of thread_reference.
using reference = std::pair<account_id, std::int64_t>;

constexpr std::size_t last_references = 30;
/// A thread with more entries stays when a message names it together with another: else a stranger who knows two ids could
/// have large ones rewritten again and again.
constexpr std::int64_t most_rewritten = 1'000;

/// Its own id, and of those it names the first, which began it all, and the last.
std::vector<reference> references_of(const arrived_entry& entry) {
    std::vector<reference> all;
    const auto add = [&](const std::string& id) {
        if (!id.empty()) all.emplace_back(entry.account, reference_number(id));
    };
    add(entry.header_message_id);
    add(entry.in_reply_to);
    const auto& named = entry.references;
    if (named.size() > last_references) add(named.front());
    const auto from = named.size() > last_references ? named.size() - last_references : 0;
    for (std::size_t i = from; i < named.size(); ++i) add(named[i]);
    return all;
}

class threader {
public:
    threader(connection& on, const std::vector<arrived_entry>& entries) : on_(on) {
        for (const auto& entry : entries) {
            auto& row = entries_.emplace_back(row_of{&entry, references_of(entry), {}});
            wanted_.insert(row.references.begin(), row.references.end());
        }
    }

    void run() {
        read_known();
        for (std::size_t i = 0; i < entries_.size(); ++i) place(i);
        write_references();
        write_entries();
    }

private:
    struct row_of {
        const arrived_entry* entry;
        std::vector<reference> references;
        thread_id thread;
    };

    void read_known() {
        const auto text = [](const reference& r) { return fmt::format("({},{})", r.first.value, r.second); };
        in_values(wanted_, text, [this](const std::string& list) {
            reference row;
            thread_id thread;
            query rows(on_,
                       "SELECT account_id, reference, thread_id FROM thread_reference WHERE (account_id, reference) IN"
                       " (VALUES " +
                           list + ")");
            rows.into(row.first).into(row.second).into(thread);
            while (rows.next()) known_[row] = thread;
        });
    }

    void place(std::size_t at) {
        auto& row = entries_[at];
        std::set<thread_id> threads;
        if (row.entry->thread) threads.insert(*row.entry->thread);
        for (const auto& r : row.references) {
            if (const auto found = known_.find(r); found != known_.end()) threads.insert(found->second);
        }
        row.thread = threads.empty() ? thread_id{row.entry->id.value} : *threads.begin();
        for (const auto other : threads) {
            if (other != row.thread) join(other, row.thread, at);
        }
        for (const auto& r : row.references) {
            if (known_.emplace(r, row.thread).second) new_.push_back(r);
        }
    }

    /// Those of this transaction that are placed already are not written yet.
    void join(thread_id from, thread_id to, std::size_t placed) {
        if (is_large(from)) return;
        for (const auto* table : {"mailbox_message", "thread_reference"}) {
            query(on_, fmt::format("UPDATE {} SET thread_id = :to WHERE thread_id = :from", table))
                .use("to", to)
                .use("from", from)
                .run();
        }
        for (auto& [r, thread] : known_) {
            if (thread == from) thread = to;
        }
        for (std::size_t i = 0; i < placed; ++i) {
            if (entries_[i].thread == from) entries_[i].thread = to;
        }
    }

    bool is_large(thread_id thread) {
        std::int64_t count = 0;
        query row(on_, "SELECT count(*) FROM (SELECT 1 FROM mailbox_message WHERE thread_id = :thread LIMIT :most) found");
        row.use("thread", thread).use("most", most_rewritten).into(count).next();
        return count >= most_rewritten;
    }

    void write_references() {
        const auto text = [this](const reference& r) {
            return fmt::format("({},{},{})", r.first.value, r.second, known_.at(r).value);
        };
        in_values(new_, text, [this](const std::string& list) {
            // An account may be gone by now; that must not take the others' rows with it.
            query(on_,
                  "INSERT INTO thread_reference (account_id, reference, thread_id)"
                  " SELECT v.column1, v.column2, v.column3 FROM (VALUES " +
                      list + ") v WHERE EXISTS (SELECT 1 FROM account a WHERE a.id = v.column1) ON CONFLICT DO NOTHING")
                .run();
        });
    }

    void write_entries() {
        const auto text = [](const row_of& row) { return fmt::format("({},{})", row.entry->id.value, row.thread.value); };
        std::erase_if(entries_, [](const row_of& row) { return row.entry->thread == row.thread; });
        in_values(entries_, text, [this](const std::string& list) {
            query(on_, "UPDATE mailbox_message SET thread_id = v.column2 FROM (VALUES " + list +
                           ") v WHERE mailbox_message.id = v.column1")
                .run();
        });
    }

    connection& on_;
    std::vector<row_of> entries_;
    std::set<reference> wanted_;
    std::map<reference, thread_id> known_;
    std::vector<reference> new_;
};

}  // namespace

void assign_threads(connection& on, const std::vector<arrived_entry>& entries) { threader(on, entries).run(); }

}  // namespace postern::storage
