/** Why a request could not be done, in words its author may read. Anything that is not a UserError is a bug. */
export type UserErrorCode =
  | 'invalid_input' | 'not_signed_in' | 'not_allowed' | 'not_found' | 'conflict' | 'too_large' | 'too_many_requests' | 'method_not_allowed'
  | 'cross_site' | 'unavailable' | 'password_change_required' | 'confirmation_required' | 'upload_damaged' | 'load_id_reused' | 'load_running'

const statusOf: Record<UserErrorCode, number> = {
  invalid_input: 400, not_signed_in: 401, not_allowed: 403, cross_site: 403, password_change_required: 403, confirmation_required: 403,
  not_found: 404, method_not_allowed: 405,
  conflict: 409, load_id_reused: 409, load_running: 409, too_large: 413, upload_damaged: 422, too_many_requests: 429, unavailable: 503,
}

export class UserError extends Error {
  readonly code: UserErrorCode
  /** Machine-readable facts beside the sentence: field errors, the diff of two manifests, an id to open instead. */
  readonly details: unknown
  constructor(code: UserErrorCode, message: string, details?: unknown, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UserError'
    this.code = code
    this.details = details
  }
  get status(): number {
    return statusOf[this.code]
  }
}

export const notFound = (what: string) => new UserError('not_found', `${what} does not exist, or you may not see it.`)
export const notAllowed = (what: string) => new UserError('not_allowed', `Your role does not allow you to ${what}.`)
export const invalidInput = (message: string, details?: unknown) => new UserError('invalid_input', message, details)
