/** Whatever was thrown enters, its code and message leave: errors of Node itself may be of another realm than ours. */
export function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  if (error === null || typeof error !== 'object') return { code: '', message: String(error) };
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    message: typeof message === 'string' && message !== '' ? message : String(error),
  };
}
