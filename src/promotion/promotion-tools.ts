import type { ExecutionTools } from '../execution/execution-tools.ts';
import type { PlanningTools } from '../planning/planning-tools.ts';

/** The tools of a promotion. Each function takes the tools that it uses. */
export type PromotionTools = PlanningTools & Omit<ExecutionTools, 'writer'>;

/** Opens the tools for the work, and closes them afterwards. */
export type WithTools = <T>(work: (tools: PromotionTools) => Promise<T>) => Promise<T>;
