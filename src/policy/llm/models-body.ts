import type { ApiFamily } from '../../core/operation.ts';

const SHAPES: Readonly<Record<ApiFamily, (models: readonly string[], createdAtSeconds: number) => object>> = {
  openai: (models, created) => ({
    object: 'list',
    data: models.map((id) => ({ id, object: 'model', created, owned_by: 'sallyport' })),
  }),
  anthropic: (models, created) => ({
    data: models.map((id) => ({ type: 'model', id, display_name: id, created_at: new Date(created * 1_000).toISOString() })),
    has_more: false,
    first_id: models.at(0) ?? null,
    last_id: models.at(-1) ?? null,
  }),
};

/**
 * The JSON text of the answer to `GET /v1/models`: one page that lists these models, in order. Both APIs share the path; a request with
 * an `anthropic-version` header wants Anthropic's shape. `createdAtSeconds` is whole epoch seconds.
 */
export const modelsBody = (api: ApiFamily, models: readonly string[], createdAtSeconds: number): string =>
  JSON.stringify(SHAPES[api](models, createdAtSeconds));
