import { error, reporter, warning, type Finding } from './finding.ts';
import { allFilters, type Inspection } from './inspection.ts';
import type { Filter } from './model.ts';
import { at, isOn, isPresent, type Place } from './place.ts';
import { TYPE } from './types.ts';

export const FAIL_OPEN = {
  'authz-fail-open': error(
    'ext_authz lets requests pass when Sallyport gives no answer; remove failure_mode_allow',
    'A sidecar that is stopped, overloaded or slow then admits everyone.',
  ),
  'authz-fail-open-header': warning(
    'ext_authz is set to mark requests that passed without an answer; remove failure_mode_allow_header_add',
    'It has an effect only together with failure_mode_allow, which must never be set: somebody plans to.',
  ),
  'authz-conditional': error(
    'ext_authz can be switched off at run time; remove filter_enabled, filter_enabled_metadata and deny_at_disable',
    'A request for which the filter is off is allowed, whoever sends it.',
  ),
  'authz-shadow': error('ext_authz only pretends to decide; remove shadow_mode', 'In shadow mode a denied request passes.'),
  'proc-fail-open': error(
    'ext_proc lets requests pass when Sallyport gives no answer; remove failure_mode_allow',
    'The request then goes on undecided, with the path and body that the client chose.',
  ),
  'proc-observability': error(
    'ext_proc only watches and ignores every reply; remove observability_mode',
    'No refusal, no masking and no decision takes effect.',
  ),
  'filter-disabled': error('a filter of Sallyport is switched off; remove "disabled"', 'What the filter would refuse passes.'),
  'filter-optional': error(
    'a filter of Sallyport may be left out by an Envoy that does not know it; remove is_optional',
    'Such an Envoy starts without the filter and says so in a log line only.',
  ),
  'filter-conditional': error(
    'a filter of Sallyport stands behind a matcher; put it into the chain as it is',
    'A request that the matcher exempts is not seen by the filter.',
  ),
} as const;

const find = reporter(FAIL_OPEN);

const STAGES: ReadonlySet<string> = new Set([TYPE.bodyLimit, TYPE.authz, TYPE.proc]);
const CLUSTER_STAGES: ReadonlySet<string> = new Set([TYPE.proc, TYPE.rbac, TYPE.injector, TYPE.headerMutation]);

/** Flags by which a stage of ours would let pass what it should refuse. */
export function* judgeFailOpen({ model }: Inspection): Generator<Finding> {
  for (const filter of allFilters(model)) {
    if (filter.type === TYPE.authz) {
      yield* judgeAuthz(filter.config);
    }
    if (filter.type === TYPE.proc) {
      yield* judgeProc(filter.config);
    }
  }
  for (const filter of model.connections.flatMap((connection) => connection.filters.filter(({ type }) => STAGES.has(type)))) {
    yield* judgePresence(filter);
    if (filter.matcher !== undefined) {
      yield find('filter-conditional', filter.config);
    }
  }
  for (const filter of model.clusters.flatMap((cluster) => cluster.filters.filter(({ type }) => CLUSTER_STAGES.has(type)))) {
    yield* judgePresence(filter);
  }
}

function* judgePresence({ outer }: Filter): Generator<Finding> {
  if (isOn(at(outer, 'disabled'))) {
    yield find('filter-disabled', at(outer, 'disabled'));
  }
  if (isOn(at(outer, 'is_optional'))) {
    yield find('filter-optional', at(outer, 'is_optional'));
  }
}

function* judgeAuthz(config: Place): Generator<Finding> {
  const flags = [
    ['failure_mode_allow', 'authz-fail-open'],
    ['failure_mode_allow_header_add', 'authz-fail-open-header'],
    ['shadow_mode', 'authz-shadow'],
  ] as const;
  for (const [field, id] of flags) {
    if (isOn(at(config, field))) {
      yield find(id, at(config, field));
    }
  }
  for (const field of ['filter_enabled', 'filter_enabled_metadata', 'deny_at_disable']) {
    if (isPresent(at(config, field))) {
      yield find('authz-conditional', at(config, field));
    }
  }
}

function* judgeProc(config: Place): Generator<Finding> {
  if (isOn(at(config, 'failure_mode_allow'))) {
    yield find('proc-fail-open', at(config, 'failure_mode_allow'));
  }
  if (isOn(at(config, 'observability_mode'))) {
    yield find('proc-observability', at(config, 'observability_mode'));
  }
}
