#pragma once

#include <memory>

#include <prism/backup/component.hpp>
#include <prism/base/cancel.hpp>
#include <prism/base/export.hpp>
#include <prism/base/log.hpp>
#include <prism/drivers/consul/client.hpp>

namespace prism::consul {

struct ComponentOptions {
  ClientOptions client = {};
  bool encrypted = false;  ///< what is dumped; where it isn't, secrets in it are warned of
};

/// The servers of a Consul datacenter as a target. Its artifact `snap` is what
/// `consul snapshot save` writes. Counted is what users made: KV entries, tokens, policies and so
/// on, not what servers and agents register by themselves. Servers that hold nothing but the token
/// that is used to ask them hold nothing.
///
/// A restore replaces all that they hold, tokens too, as a whole or not at all. It is told
/// beforehand where the token in use is not in the snapshot: they don't know it afterwards.
PRISM_API std::unique_ptr<backup::Component> open_component(ComponentOptions options, Log& log,
                                                            const Cancel& cancel);

}  // namespace prism::consul
