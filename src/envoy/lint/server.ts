import { ADMIN_PATHS } from '../bootstrap.ts';
import { isLoopback } from './addresses.ts';
import { error, reporter, warning, type Finding } from './finding.ts';
import type { Inspection } from './inspection.ts';
import { endpointOf } from './model.ts';
import { at, isFields, isOn, isPresent, items, numberOf, textOf, type Place } from './place.ts';
import { matchesText } from './string-match.ts';

const socketMode = 0o660;

export const SERVER = {
  'admin-open': error(
    'the admin interface listens beyond this machine; use a unix socket or 127.0.0.1',
    'It shows the configuration, stops Envoy, and needs no password.',
  ),
  'admin-paths': error(
    'the admin interface does more than answer questions; name the readable pages under allow_paths',
    'Other pages raise log levels until keys are printed, dump memory, tap requests, or stop Envoy.',
  ),
  'admin-socket-mode': warning(
    'the admin socket is open to every user of the machine; set mode 0660 (432)',
    'Each local program could read the configuration.',
  ),
  'graceful-close-missing': warning(
    'Envoy resets every ext_proc stream; set envoy.reloadable_features.ext_proc_graceful_grpc_close: true in layered_runtime',
    'The sidecar answers the storm of resets with GOAWAY: about 2 in 1,000 requests fail under load.',
  ),
  'chunk-parsing-lax': warning(
    'chunked bodies are parsed loosely; set envoy.reloadable_features.strict_chunk_parsing: true in layered_runtime',
    'Two parsers that disagree about one body make request smuggling.',
  ),
  'runtime-weakens': error(
    'a runtime flag makes Envoy less strict; remove it from layered_runtime',
    'With it off, a wrong message of the sidecar lets a request pass, or a repeated header is compared as one text.',
  ),
  'runtime-outside': warning(
    'runtime flags can be changed from outside the file; remove disk_layer, rtds_layer and admin_layer',
    'What was checked here may not be what runs a minute later.',
  ),
  'overload-unbounded': warning(
    'nothing bounds memory or connections; add an overload_manager with fixed_heap and global_downstream_max_connections',
    'Buffered bodies of many clients end the process, and with it every open stream.',
  ),
} as const;

const find = reporter(SERVER);

/** Pages that change Envoy, print what is not for printing, or dump memory. */
const HARMFUL_PAGES = [
  '/logging',
  '/quitquitquit',
  '/drain_listeners',
  '/healthcheck/fail',
  '/healthcheck/ok',
  '/reset_counters',
  '/runtime_modify',
  '/reopen_logs',
  '/cpuprofiler',
  '/heapprofiler',
  '/heap_dump',
  '/allocprofiler',
  '/contention',
  '/tap',
] as const;

export function* judgeServer({ model }: Inspection): Generator<Finding> {
  if (!isPresent(model.bootstrap)) {
    return;
  }
  yield* judgeAdmin(at(model.bootstrap, 'admin'));
  yield* judgeRuntime(at(model.bootstrap, 'layered_runtime'));
  yield* judgeOverload(at(model.bootstrap, 'overload_manager'));
}

function* judgeAdmin(admin: Place): Generator<Finding> {
  const addresses = endpointOf(at(admin, 'address'));
  if (addresses.length === 0) {
    return;
  }
  for (const address of addresses.filter((each) => !isLoopback(each))) {
    yield find('admin-open', address.place);
  }
  const allowed = items(at(admin, 'allow_paths'));
  const harmful = HARMFUL_PAGES.filter((page) => allowed.length === 0 || allowed.some((matcher) => mayAsk(matcher, page)));
  if (harmful.length > 0) {
    yield find('admin-paths', at(admin, 'allow_paths'), harmful.join(', '));
  }
  const mode = at(admin, 'address', 'pipe', 'mode');
  if (((numberOf(mode) ?? 0) & ~socketMode) !== 0) {
    yield find('admin-socket-mode', mode);
  }
}

/** Envoy matches the path with its query, so a page is open too where some query makes it match. */
function mayAsk(matcher: Place, page: string): boolean {
  const wanted = ['contains', 'suffix'].flatMap((field) => textOf(at(matcher, field)) ?? []);
  const queries = ['', '?level=trace', ...[...ADMIN_PATHS, ...wanted].map((text) => `?x=${text}`)];
  return queries.some((query) => matchesText(matcher, `${page}${query}`) !== false);
}

const WEAKENED_WHEN_OFF = [
  'envoy.reloadable_features.ext_proc_fail_close_spurious_resp',
  'envoy.reloadable_features.ext_proc_report_client_creation_error',
  'envoy.reloadable_features.rbac_match_headers_individually',
] as const;

function* judgeRuntime(runtime: Place): Generator<Finding> {
  const layers = items(at(runtime, 'layers'));
  // The last layer that says something wins.
  const value = (flag: string): Place | undefined =>
    layers
      .map((layer) => flagIn(at(layer, 'static_layer'), flag))
      .filter(isPresent)
      .at(-1);
  const wanted = [
    ['envoy.reloadable_features.ext_proc_graceful_grpc_close', 'graceful-close-missing'],
    ['envoy.reloadable_features.strict_chunk_parsing', 'chunk-parsing-lax'],
  ] as const;
  for (const [flag, id] of wanted) {
    const found = value(flag);
    if (found === undefined || !isOn(found)) {
      yield find(id, found ?? runtime);
    }
  }
  for (const flag of WEAKENED_WHEN_OFF) {
    const found = value(flag);
    if (found !== undefined && !isOn(found)) {
      yield find('runtime-weakens', found);
    }
  }
  for (const layer of layers) {
    for (const kind of ['disk_layer', 'rtds_layer', 'admin_layer'].filter((each) => isPresent(at(layer, each)))) {
      yield find('runtime-outside', at(layer, kind));
    }
  }
}

/** A flag may be written with dots in one key or as nested maps. */
function flagIn(layer: Place, flag: string): Place {
  const whole = at(layer, flag);
  if (isPresent(whole) || !isFields(layer.value)) {
    return whole;
  }
  const nested = at(layer, ...flag.split('.'));
  return isPresent(nested) ? nested : whole;
}

function* judgeOverload(manager: Place): Generator<Finding> {
  const monitors = items(at(manager, 'resource_monitors')).map((each) => textOf(at(each, 'name')) ?? '');
  const missing = ['envoy.resource_monitors.fixed_heap', 'envoy.resource_monitors.global_downstream_max_connections'].filter(
    (name) => !monitors.includes(name),
  );
  if (missing.length > 0 || items(at(manager, 'actions')).length === 0) {
    yield find('overload-unbounded', manager, missing.length === 0 ? 'no actions' : `missing: ${missing.join(', ')}`);
  }
}
