import { error, reporter, warning, type Finding } from './finding.ts';
import type { Inspection } from './inspection.ts';
import { at, typeOf } from './place.ts';
import { everything } from './printed.ts';

export const BYPASS = {
  'other-network-filter': error(
    'a listener passes connections on without reading HTTP; remove the filter',
    'Bytes that tcp_proxy and its like forward are seen by no stage, whatever cluster they go to.',
  ),
  tap: error('requests can be tapped; remove the tap', 'A tap copies headers and bodies: prompts, credentials, provider keys.'),
  unseen: error(
    'a part of the configuration was not there to be checked; check the running Envoy with --admin, or the directory with all files',
    'What comes from another system at run time may be anything.',
  ),
  'update-rejected': warning(
    'Envoy refused an update and goes on with the former version; read its log, mend and render again',
    'What runs is not what was written.',
  ),
} as const;

const find = reporter(BYPASS);

/** Network filters that pass nothing on. */
const HARMLESS_NETWORK_FILTERS = /\.(?:connection_limit|local_ratelimit|ratelimit|rbac|direct_response|geoip|set_filter_state)\.v\d/;

/** Ways past the chain, and parts that could not be looked at. */
export function* judgeBypass({ model }: Inspection): Generator<Finding> {
  for (const { otherFilters } of model.listeners) {
    for (const filter of otherFilters.filter((each) => !HARMLESS_NETWORK_FILTERS.test(typeOf(at(each, 'typed_config'))))) {
      yield find('other-network-filter', filter);
    }
  }
  for (const place of everything(model)) {
    if (/(?:^|\.)tap\.v\d/.test(typeOf(place))) {
      yield find('tap', place);
    }
  }
  for (const place of model.unseen) {
    yield find('unseen', place);
  }
  if (model.listeners.length === 0 && model.unseen.length === 0) {
    yield find('unseen', { path: 'listeners' }, 'there is no listener');
  }
  for (const place of model.rejected) {
    yield find('update-rejected', place);
  }
}
