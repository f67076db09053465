import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestProject } from '../acceptance/harness.ts';
import { REPOSITORY } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly homepage: string;
};

let folder = '';
let packed: Packed;
let shipped: readonly string[] = [];
beforeAll(async () => {
  folder = temporaryFolder();
  // Scripts would rebuild the program while other tests run it.
  const words = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  [packed] = JSON.parse(await npm(words, REPOSITORY)) as [Packed];
  shipped = packed.files.map(file => file.path);
});

async function npm(words: readonly string[], cwd: string): Promise<string> {
  const options = { cwd, maxBuffer: 1 << 26, shell: process.platform === 'win32' };
  return (await promisify(execFile)('npm', words, options)).stdout;
}

describe('the package', () => {
  it('contains the program, its documentation and its examples, and no development files', () => {
    expect(shipped).toEqual(expect.arrayContaining(['dist/main.js', 'package.json', 'README.md', 'LICENSE']));
    const places = new Set(shipped.map(path => path.split('/')[0]));
    expect([...places].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'examples',
      'package.json',
    ]);
    expect(shipped.filter(path => /\.(test|fixture)\.|(^|\/)target\//.test(path))).toEqual([]);
  });

  it('contains every file that its pages link to', () => {
    const broken = shipped.filter(path => path.endsWith('.md')).flatMap(brokenLinks);
    expect(broken).toEqual([]);
  });

  it('links to files of the repository that exist', () => {
    const address = `${manifest.homepage.replace(/#.*/, '')}/blob/main/`;
    const links = linksOf('README.md').filter(link => link.startsWith(address));
    expect(links.length).toBeGreaterThan(0);
    const files = links.map(link => link.slice(address.length).replace(/#.*/, ''));
    expect(files.filter(file => !existsSync(join(REPOSITORY, file)))).toEqual([]);
  });

  it('installs a program that creates and runs a project', async context => {
    const prefix = join(folder, 'prefix');
    const tarball = join(folder, packed.filename);
    const refused = await installed(prefix, tarball);
    // Without a registry the installation cannot be tested; CI must have one.
    if (refused !== null && !process.env['CI']) context.skip(`npm could not install the package: ${refused}`);
    expect(refused).toBeNull();
    const bin = process.platform === 'win32' ? prefix : join(prefix, 'bin');
    const project = new TestProject();
    const seeknal = async (...words: readonly string[]): Promise<string> => {
      const options = { cwd: project.root, env: { PATH: process.env['PATH'], HOME: project.home } };
      return (await promisify(execFile)(join(bin, 'seeknal'), words, options)).stdout;
    };
    expect(await seeknal('--version')).toBe(`${manifest.version}\n`);
    await seeknal('init');
    expect(await seeknal('run')).toContain('transform.daily_revenue');
    expect(await project.query('SELECT count(*) AS n FROM transform_orders_merged')).toEqual([{ n: 14 }]);
  });
});

function brokenLinks(page: string): readonly string[] {
  const base = new URL(page, 'file:///');
  return linksOf(page)
    .filter(link => !/^([a-z]+:|#)/.test(link))
    .filter(link => {
      const path = new URL(link, base).pathname.slice(1);
      return !shipped.some(file => file === path || (path.endsWith('/') && file.startsWith(path)));
    })
    .map(link => `${page}: ${link}`);
}

const linksOf = (page: string): readonly string[] =>
  [...readFileSync(join(REPOSITORY, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1] ?? '');

/** Installs the package globally below a folder; returns npm's error, or null. */
async function installed(prefix: string, tarball: string): Promise<string | null> {
  try {
    await npm(['install', '--global', '--prefix', prefix, '--prefer-offline', tarball], folder);
    return null;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    return stderr?.trim().split('\n')[0] ?? String(error);
  }
}
