#pragma once

#include "storage/search_store.hpp"
#include "storage/soci/read_pool.hpp"
#include "storage/soci/writer.hpp"

namespace postern::storage {

/// The index in SQL: PostgreSQL's tsvector with GIN, SQLite's FTS5. soci_search_store_index.cpp fills it, _search.cpp asks it.
class soci_search_store final : public search_store {
public:
    soci_search_store(read_pool& reads, writer& writes) : reads_(reads), writes_(writes) {}

    net::awaitable<core::result<unindexed_entries>> next_unindexed(std::optional<account_id> account,
                                                                   std::size_t limit) override;
    net::awaitable<core::result<void>> index(std::vector<search_document> documents,
                                             std::map<mailbox_id, std::int64_t> progress) override;
    net::awaitable<core::result<search_page>> search(account_id account, search_criteria wanted, std::optional<entry_id> before,
                                                     std::size_t limit) override;

private:
    read_pool& reads_;
    writer& writes_;
};

}  // namespace postern::storage
