import { describe, expect, it } from 'vitest';
import type { ParameterContext } from '../../parameters/parameter-scope.ts';
import { shown } from '../yaml/marked-source.testing.ts';
import type { SourceNode } from './node.ts';
import { parseNodeFile } from './reading/parse-node-file.ts';
import { resolveSource } from './resolve-source.ts';

const CONTEXT: ParameterContext = {
  date: '2026-01-01',
  environment: { SEP: ';' },
  overrides: {},
  common: { regions: { default: 'eu' }, rows: 2 },
};

function nodeOf(more: string): SourceNode {
  const { node, diagnostics } = parseNodeFile(
    { path: 's.yml', text: `kind: source\nname: s\nsource: csv\n${more}` },
    () => null,
  );
  if (node?.kind !== 'source') throw new Error(diagnostics.map(shown).join('\n'));
  return node;
}

describe('resolveSource', () => {
  it('fills in path and options; a text that is exactly one parameter keeps the type of its value', () => {
    const node = nodeOf(
      'table: data/{{ regions.default }}/{{ today }}/{{ part }}*.csv\nparams: { part: p-, delim: "{{ env:SEP }}", skip: "{{ rows }}", nullstr: ["{{ part }}", b] }\n',
    );
    const resolved = resolveSource(node, { ...CONTEXT, overrides: { part: 'q-' } });
    expect(resolved.diagnostics).toEqual([]);
    expect([resolved.node?.table, resolved.node?.options]).toEqual([
      'data/eu/2026-01-01/q-*.csv',
      { delim: ';', skip: 2, nullstr: ['q-', 'b'] },
    ]);
    expect(resolved.used.map(used => [used.name, used.origin])).toEqual([
      ['regions.default', 'common'],
      ['today', 'date'],
      ['part', 'override'],
      ['env:SEP', 'variable'],
      ['rows', 'common'],
      ['part', 'override'],
    ]);
    expect(resolved.node?.definition).toEqual(node.definition);
  });

  it('reports the place of an unknown parameter', () => {
    const { node, diagnostics } = resolveSource(
      nodeOf('table: "data/{{ regons.default }}.csv"\nparams: { delim: "{{ env:NONE }}" }\n'),
      CONTEXT,
    );
    expect([node, diagnostics.map(shown)]).toEqual([
      null,
      [
        '5:19 unset-variable: The environment variable NONE is not set. (Set it, or give a default: {{ env:NONE|default }}.)',
        "4:14 unknown-parameter: Unknown parameter 'regons.default'. (Did you mean 'regions.default'?)",
      ],
    ]);
  });

  it('does not change a source without parameters', () => {
    const node = nodeOf('table: a{b,c}.csv\nparams: { nullstr: "{{" }\n');
    expect(resolveSource(node, CONTEXT)).toEqual({ node, used: [], diagnostics: [] });
  });
});
