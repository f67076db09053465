export type EnvironmentStatus = 'planned' | 'applied' | 'failed' | 'promoted' | 'corrupt';

export interface EnvironmentEntry {
  readonly name: string;
  readonly status: EnvironmentStatus;
  readonly serial: number | null;
  readonly created_at: string | null;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly expired: boolean;
}

export interface EnvironmentsDocument {
  readonly format: 'seeknal.environments';
  readonly version: 1;
  readonly environments: readonly EnvironmentEntry[];
}
