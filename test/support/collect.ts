export async function collect<E>(items: AsyncIterable<E>): Promise<E[]> {
  const all: E[] = [];
  for await (const item of items) all.push(item);
  return all;
}
