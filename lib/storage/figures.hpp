#pragma once

#include <string>
#include <vector>

#include "core/metrics.hpp"

/// What storage counts. Made without metrics they count nothing.
namespace postern::storage {

/// Of one lane of the writer; its thread counts, once for a transaction.
struct commit_figures {
    core::histogram items;    ///< what a transaction held: messages, outcomes of the queue, other changes
    core::histogram seconds;  ///< from its BEGIN to the answer to its COMMIT
    core::counter failed;

    commit_figures() = default;
    commit_figures(core::metrics& in, const std::string& lane)
        : items(in.distribution("postern_commit_items", "What one transaction made durable", {1, 2, 4, 8, 16, 32, 64, 128},
                                {{"lane", lane}})),
          seconds(in.distribution("postern_commit_seconds", "From a transaction's beginning to its commit",
                                  core::waiting_times(), {{"lane", lane}})),
          failed(in.count("postern_commit_failures_total", "Transactions that were not committed", {{"lane", lane}})) {}
};

/// Of the lanes together.
struct write_figures {
    commit_figures small;
    commit_figures large;
    commit_figures behind;
    core::counter delivered;  ///< recipients whose copy was made here

    write_figures() = default;
    explicit write_figures(core::metrics& in)
        : small(in, "small"),
          large(in, "large"),
          behind(in, "behind"),
          delivered(in.count("postern_delivered_total", "Recipients who have their mail", {{"to", "local"}})) {}
};

}  // namespace postern::storage
