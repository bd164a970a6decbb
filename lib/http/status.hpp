#pragma once

#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>

namespace postern::http {

using status = boost::beast::http::status;
using verb = boost::beast::http::verb;

}  // namespace postern::http
