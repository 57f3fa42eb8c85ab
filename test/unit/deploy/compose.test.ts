import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readText } from '../docs/markdown.ts';
import { deployedSettings, seenBy, settingsFile, type Deployed } from './wiring.ts';

const service = z.looseObject({
  image: z.string(),
  user: z.string().optional(),
  command: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()),
});
type Service = z.output<typeof service>;
const { services } = z.object({ services: z.record(z.string(), service) }).parse(parse(readText('deploy/compose.yaml'), { merge: true }));

const named = (name: string): Service => service.parse(services[name]);

function deployed(name: string): Deployed {
  const mounts = named(name).volumes.map((text) => {
    const [volume = '', path = '', mode] = text.split(':');
    return { volume, path, readOnly: mode === 'ro' };
  });
  return { args: named(name).command, mounts };
}

/** The image's own command names the settings file for `serve`. */
const servedByDefault = (): Deployed => {
  const [, command = '[]'] = /^CMD (\[.*\])$/m.exec(readText('Dockerfile')) ?? [];
  return { ...deployed('sallyport'), args: z.array(z.string()).parse(JSON.parse(command)) };
};

describe('deploy/compose.yaml', () => {
  it.each(Object.entries(services))('gives %s no privilege', (_name, each) => {
    expect(each).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(each).toHaveProperty('mem_limit');
    expect(each.image).toMatch(/:[\w.-]*\d+\.\d+\.\d+$/);
  });

  it('runs Envoy as another user than the sidecar, in its group', () => {
    const [, user, group] = /^USER (\d+):(\d+)$/m.exec(readText('Dockerfile')) ?? [];
    expect(user).toMatch(/^[1-9]/);
    const [envoyUser, envoyGroup] = named('envoy').user?.split(':') ?? [];
    expect(envoyGroup).toBe(group);
    expect(envoyUser).not.toBe(user);
    expect(envoyUser).toMatch(/^[1-9]/);
    expect(named('render').user).toBe(`${String(user)}:${String(group)}`);
  });

  it('starts the sidecar after the configuration is written, and Envoy after the sidecar is healthy', () => {
    expect(named('sallyport')).toMatchObject({ depends_on: { render: { condition: 'service_completed_successfully' } } });
    expect(named('envoy')).toMatchObject({ depends_on: { sallyport: { condition: 'service_healthy' } } });
  });

  it('shows health and metrics to this machine only', () => {
    expect(named('sallyport').ports.every((port) => port.startsWith('127.0.0.1:'))).toBe(true);
  });

  it('mounts each directory that the settings name where it is needed, and nowhere else', () => {
    const deployment = { render: deployed('render'), sallyport: servedByDefault(), envoy: deployed('envoy') };
    expect(seenBy(deployment, deployedSettings())).toEqual({
      sockets: [['sockets rw', 'sockets rw']],
      secrets: [['./secrets ro', undefined]],
      certificate: [[undefined, './tls ro']],
      store: [['state rw', undefined]],
      settings: ['./settings ro', ['./settings ro', undefined]],
      envoyConfiguration: ['envoy-config rw', 'envoy-config ro'],
      renderedTo: true,
      settingsOf: [settingsFile, settingsFile],
    });
  });
});
