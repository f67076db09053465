import { describe, expect, it } from 'vitest';
import { draftTemplate } from './draft-template.ts';
import { shown } from '../yaml/marked-source.testing.ts';
import { NODE_KINDS } from '../nodes/node.ts';
import { parseNodeFile } from '../nodes/reading/parse-node-file.ts';

describe('draftTemplate', () => {
  it.each(NODE_KINDS)('is a valid %s, whatever its name', kind => {
    for (const name of ['orders', '007', 'yes: no', '"', "it's #1", 'null']) {
      const text = draftTemplate(kind, name, 'About: #1\nand more');
      const { node, diagnostics } = parseNodeFile({ path: 'draft.yml', text }, () => null);
      expect([diagnostics.map(shown), node?.name, node?.description]).toEqual([[], name, 'About: #1\nand more']);
    }
  });

  it.each(NODE_KINDS)('is a valid %s with every commented key included', kind => {
    const lines = draftTemplate(kind, 'n', null).split('\n');
    const text = lines.map(line => line.replace(/^# (?=[a-z_]+:| {2})/, '')).join('\n');
    const { node, diagnostics } = parseNodeFile({ path: 'draft.yml', text }, () => null);
    expect([diagnostics.map(shown), node?.tags, node?.columns?.length]).toEqual([[], ['nightly'], 1]);
  });
});
