import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readText } from '../docs/markdown.ts';
import { deployedSettings, seenBy, settingsFile, type Deployed } from './wiring.ts';

const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()),
  restartPolicy: z.string().optional(),
  securityContext: z.looseObject({ runAsUser: z.number().optional() }),
  resources: z.object({ requests: z.object({ cpu: z.string(), memory: z.string() }), limits: z.object({ memory: z.string() }) }),
  lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }).optional(),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().default(false) })),
});
type Container = z.output<typeof container>;

const podSpec = z.looseObject({
  automountServiceAccountToken: z.literal(false),
  terminationGracePeriodSeconds: z.number(),
  securityContext: z.looseObject({ fsGroup: z.number(), runAsUser: z.number(), runAsGroup: z.number() }),
  initContainers: z.array(container),
  containers: z.array(container),
});
const statefulSet = z.object({ kind: z.literal('StatefulSet'), spec: z.object({ template: z.object({ spec: podSpec }) }) });
const configMap = z.object({ kind: z.literal('ConfigMap'), data: z.record(z.string(), z.string()) });
const networkPolicy = z.object({
  kind: z.literal('NetworkPolicy'),
  spec: z.object({
    policyTypes: z.array(z.string()),
    ingress: z.array(z.object({ from: z.array(z.unknown()).min(1), ports: z.array(z.unknown()).min(1) })),
    egress: z.array(z.object({ to: z.array(z.object({ ipBlock: z.object({ except: z.array(z.string()) }).optional() })) })),
  }),
});

const documents = parseAllDocuments(readText('deploy/kubernetes.yaml')).map((document) => z.unknown().parse(document.toJS()));

function find<Found>(schema: z.ZodType<Found>): Found {
  const found = documents.map((document) => schema.safeParse(document)).filter((each) => each.success);
  expect(found).toHaveLength(1);
  return schema.parse(found[0]?.data);
}

const pod = find(statefulSet).spec.template.spec;
const containers = [...pod.initContainers, ...pod.containers];
const named = (name: string): Container => container.parse(containers.find((each) => each.name === name));
const deployed = (name: string): Deployed => ({
  args: named(name).args,
  mounts: named(name).volumeMounts.map(({ name: volume, mountPath: path, readOnly }) => ({ volume, path, readOnly })),
});

describe('deploy/kubernetes.yaml', () => {
  it.each(containers.map((each) => [each.name, each] as const))('gives %s no privilege', (_name, { securityContext, image }) => {
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(securityContext).not.toHaveProperty('privileged');
    expect(image).toMatch(/:[\w.-]*\d+\.\d+\.\d+$/);
  });

  it('runs nothing as root, and Envoy as another user of the same group', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.securityContext.fsGroup).toBe(pod.securityContext.runAsGroup);
    const users = ['sallyport', 'envoy'].map((name) => named(name).securityContext.runAsUser ?? pod.securityContext.runAsUser);
    expect(new Set(users).size).toBe(2);
    expect(Math.min(...users)).toBeGreaterThan(0);
  });

  it('starts the sidecar after the configuration is written and before Envoy, and keeps it until Envoy has ended', () => {
    expect(pod.initContainers.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ['render', undefined],
      ['sallyport', 'Always'],
    ]);
    expect(named('sallyport')).toMatchObject({
      startupProbe: { httpGet: { path: '/healthz' } },
      readinessProbe: { httpGet: { path: '/readyz' } },
      livenessProbe: { httpGet: { path: '/healthz' } },
    });
    expect(named('envoy')).toMatchObject({ readinessProbe: { tcpSocket: {} }, livenessProbe: { tcpSocket: {} } });
  });

  it('lets streams finish: the pod outlives Envoy’s wait, and Envoy’s own drain is no shorter', () => {
    const waitSeconds = named('envoy').lifecycle?.preStop.sleep.seconds ?? 0;
    expect(waitSeconds * 1_000).toBeGreaterThanOrEqual(deployedSettings().listen.drainMs);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(waitSeconds);
    expect(Number(named('envoy').args.at(-1))).toBeGreaterThanOrEqual(waitSeconds);
    expect(named('envoy').args).toEqual(expect.arrayContaining(['--disable-hot-restart', '--drain-time-s']));
  });

  it('carries the settings of deploy/settings', () => {
    expect(find(configMap).data).toEqual({ 'sallyport.yaml': readText('deploy/settings/sallyport.yaml') });
  });

  it('mounts each directory that the settings name where it is needed, and nowhere else', () => {
    const deployment = { render: deployed('render'), sallyport: deployed('sallyport'), envoy: deployed('envoy') };
    expect(seenBy(deployment, deployedSettings())).toEqual({
      sockets: [['sockets rw', 'sockets rw']],
      secrets: [['secrets ro', undefined]],
      certificate: [[undefined, 'tls ro']],
      store: [['state rw', undefined]],
      settings: ['settings ro', ['settings ro', undefined]],
      envoyConfiguration: ['envoy-config rw', 'envoy-config ro'],
      renderedTo: true,
      settingsOf: [settingsFile, settingsFile],
    });
  });

  it('opens the network to named namespaces only, and never to machine credentials', () => {
    const { policyTypes, ingress, egress } = find(networkPolicy).spec;
    expect(policyTypes).toEqual(['Ingress', 'Egress']);
    expect(ingress).toHaveLength(2);
    const open = egress.flatMap(({ to }) => to.flatMap(({ ipBlock }) => ipBlock ?? []));
    expect(open).toHaveLength(1);
    expect(open[0]?.except).toContain('169.254.0.0/16');
  });

  it('holds no secret', () => {
    expect(documents.filter((document) => z.object({ kind: z.literal('Secret') }).safeParse(document).success)).toEqual([]);
  });
});
