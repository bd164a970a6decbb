#include "imap/figures.hpp"

namespace postern::imap {

figures::figures(core::metrics& in, const std::string& listener)
    : sessions(in.level("postern_imap_sessions", "IMAP sessions open now", {{"listener", listener}})),
      connections(in.count("postern_imap_connections_total", "IMAP connections begun", {{"listener", listener}})),
      appended(in.count("postern_accepted_total", "Messages that became ours", {{"via", listener}})),
      refused(in.count("postern_imap_connections_refused_total", "IMAP connections that were too many",
                       {{"listener", listener}})) {}

}  // namespace postern::imap
