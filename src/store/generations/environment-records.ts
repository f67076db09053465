import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EnvironmentStatus } from '../../core/documents/environments-document.ts';
import { type EnvironmentName, isEnvironmentName } from '../../core/environment/environment-name.ts';
import type { JsonObject } from '../../core/json.ts';
import { ToolError } from '../../diagnostics/tool-error.ts';
import type { StorePaths } from '../paths.ts';
import { readDocument } from '../ledger/stored-json.ts';
import { isRealFolder } from '../real-folder.ts';
import { notOwnFolder } from '../recovery/own-folder.ts';
import { lastLook } from './last-used.ts';

export const CONFIG_FILE = 'env_config.json';
const FORMAT = 'seeknal.env-config';

/** An environment's record. The plan, not the record, names the profile. */
export interface EnvironmentConfig {
  readonly name: string;
  readonly created_at: string;
  /** Last plan, apply or promote; `EnvironmentListing.lastUsedAt` also counts the REPL. */
  readonly last_used_at: string;
  /** Milliseconds from its last use until it expires; 0 = never. The file calls it `ttl`. */
  readonly ttl_ms: number;
  readonly status: Exclude<EnvironmentStatus, 'corrupt'>;
}

export interface EnvironmentListing {
  readonly name: string;
  /** null if the record cannot be read. */
  readonly config: EnvironmentConfig | null;
  /** The latest use of any kind. */
  readonly lastUsedAt: string | null;
}

const STATUSES: readonly unknown[] = [
  'planned',
  'applied',
  'failed',
  'promoted',
] satisfies EnvironmentConfig['status'][];

export function renderEnvironmentConfig(config: EnvironmentConfig): string {
  const { name, created_at, last_used_at, ttl_ms, status } = config;
  return `${JSON.stringify({ format: FORMAT, version: 1, name, created_at, last_used_at, ttl: ttl_ms, status }, null, 2)}\n`;
}

/** null if the record is missing or cannot be read. Throws `format-too-new`. */
export function readEnvironmentConfig(paths: StorePaths, environment: EnvironmentName): EnvironmentConfig | null {
  try {
    const document = readDocument(paths.view(environment, CONFIG_FILE), FORMAT);
    return document && parseConfig(document, environment);
  } catch (error) {
    if (error instanceof ToolError && error.code === 'format-too-new') throw error;
    return null;
  }
}

function parseConfig(document: JsonObject, name: EnvironmentName): EnvironmentConfig | null {
  const { created_at, last_used_at, ttl, status } = document;
  if (!isTime(created_at) || !isTime(last_used_at) || !STATUSES.includes(status)) return null;
  if (typeof ttl !== 'number' || !(ttl >= 0)) return null;
  return { name, created_at, last_used_at, ttl_ms: ttl, status: status as EnvironmentConfig['status'] };
}

const isTime = (value: unknown): value is string => typeof value === 'string' && !Number.isNaN(Date.parse(value));

/** Names of the existing environments, sorted. Links are ignored. */
export function readEnvironmentNames(paths: StorePaths): readonly EnvironmentName[] {
  if (!isRealFolder(paths.environments)) return [];
  const entries = readdirSync(paths.environments, { withFileTypes: true });
  return entries
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name)
    .filter(isEnvironmentName)
    .sort();
}

/** All environments, including those whose records cannot be read. */
export function readEnvironmentListings(paths: StorePaths): readonly EnvironmentListing[] {
  return readEnvironmentNames(paths).map(name => {
    const config = readableConfig(paths, name);
    return { name, config, lastUsedAt: lastUse(lastLook(paths, name), config) };
  });
}

function readableConfig(paths: StorePaths, name: EnvironmentName): EnvironmentConfig | null {
  try {
    return readEnvironmentConfig(paths, name);
  } catch {
    return null;
  }
}

function lastUse(touched: number | null, config: EnvironmentConfig | null): string | null {
  const recorded = config === null ? null : Date.parse(config.last_used_at);
  const latest = Math.max(touched ?? -Infinity, recorded ?? -Infinity);
  return Number.isFinite(latest) ? new Date(latest).toISOString() : null;
}

/** Throws `unsafe-path` if `environments/` or the environment's folder is a link or a file. */
export function assertOwnFolder(paths: StorePaths, environment: EnvironmentName): void {
  for (const path of [paths.environments, join(paths.environments, environment)]) {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.isDirectory()) continue;
    throw notOwnFolder(path);
  }
}
