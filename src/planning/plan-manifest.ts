import type { Plan } from '../core/plan/plan.ts';

/** `manifest.json` of an environment that was planned but not applied: its future nodes, without a serial. */
export function renderManifestOfPlan(plan: Plan): string {
  const nodes = [...plan.versions.values()].map(({ node, analysis }) => {
    const { id, kind, name, description, owner, tags, file, definition } = node;
    const inputs = node.inputs.map(input => input.id);
    return [id, { kind, name, description, owner, tags, inputs, file, columns: analysis.columns, definition }] as const;
  });
  const edges = nodes.flatMap(([to, { inputs }]) => inputs.map(from => JSON.stringify({ from, to })));
  const lines = nodes.map(([id, node]) => `${JSON.stringify(id)}:${JSON.stringify(node)}`);
  return `{"format":"seeknal.manifest","version":1,"serial":null,"nodes":{\n${lines.join(',\n')}\n},"edges":[\n${edges.join(',\n')}\n]}\n`;
}
