#pragma once

#include <string>
#include <vector>

#include "storage/search_store.hpp"

/// Terms and what is looked for, in the words of the two databases. Terms hold no ASCII but letters and digits
/// (message/search_terms), so nothing in them means anything to either.
namespace postern::storage {

/// The text of a tsvector.
[[nodiscard]] std::string to_tsvector(const search_document& document);
/// The text of a tsquery.
[[nodiscard]] std::string to_tsquery(account_id account, const std::vector<search_term>& terms);

/// The text of FTS5's column `account`.
[[nodiscard]] std::string to_fts5(account_id account);
/// The text of one of its columns.
[[nodiscard]] std::string to_fts5(const std::vector<std::string>& terms);
/// What MATCH takes.
[[nodiscard]] std::string to_match(account_id account, const std::vector<search_term>& terms);

}  // namespace postern::storage
