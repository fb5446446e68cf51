#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <prism/base/process.hpp>
#include <prism/base/stream.hpp>
#include <prism/drivers/postgres/tool_address.hpp>
#include <prism/drivers/postgres/tools.hpp>

namespace prism::postgres {

using TakeBytes = std::function<void(std::string_view)>;

/// What the tool is started with to work in that database; `arguments` come behind the address.
Command command_of(const Tool& tool, const ToolAddress& address,
                   std::vector<std::string> arguments);

/// Waits for its end and throws what it said when that was no good one.
void finish(ChildProcess& tool);

/// Gives the source to the tool, as far as it reads, and what comes out to `take`. Who stops
/// reading early is no failure. Throws what the source throws first of all.
void pipe_through(ChildProcess& tool, ByteSource& source, const TakeBytes& take);

/// All that a tool says, which is not much, without input.
std::string output_of(const Command& command, const Cancel& cancel);

/// What the tool's words mean: the first error in them, without the statement that it quotes.
PRISM_API Error tool_failure(const std::string& name, int code, const std::string& words);

}  // namespace prism::postgres
