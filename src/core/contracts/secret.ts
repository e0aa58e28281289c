/** Where a secret is: an environment variable, a file, what a command prints, what systemd or Docker hands in, what a plugin gives. Never the secret itself. */
export type Secret =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] }
  | { readonly credential: string }
  | { readonly dockerSecret: string }
  | ProvidedSecret;

/** A secret that a provider of `plugins` gives; all keys but `provider` are its options. */
export interface ProvidedSecret {
  readonly provider: string;
  readonly [option: string]: unknown;
}

export type Auth = { readonly username: string; readonly password: Secret } | { readonly token: Secret };
