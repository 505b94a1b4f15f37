export interface AgentFlags {
  readonly rpc: string;
}
export async function agentCommand(_role: string, _flags: AgentFlags): Promise<number> {
  return 2;
}
