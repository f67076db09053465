import type { ExecutionTools } from '../execution/execution-tools.ts';
import type { PlanningTools } from '../planning/planning-tools.ts';

/** What a promotion plans and executes with. Each function takes what it uses. */
export type PromotionTools = PlanningTools & Omit<ExecutionTools, 'writer'>;

/** Opens the tools, works with them, and closes them. */
export type WithTools = <T>(work: (tools: PromotionTools) => Promise<T>) => Promise<T>;
