-- Real requests from public corpora, laid together as one lab's log. Paths are relative to the folder of this file: the
-- corpora lie beside a checkout (`../shared/data`), never in it.
--
-- Arena users keep their own times. Arena conversations have none: each is an account of its own whose first message
-- comes one minute after that of the row before. The timed marketing run and the evaluation script keep their times,
-- moved by whole days into the same weeks; each is sent through three accounts in turn, as its operator might do. The
-- requests that bootstrapped a known distillation have no times: one a minute, dealt over forty accounts.
WITH users AS (
  SELECT id, CAST(ts * 1000000 AS BIGINT) AS time, "user" AS account, split_part(model, '|', 1) AS model,
         CAST(NULL AS VARCHAR) AS system, messages[1]['content'] AS prompt, CAST(NULL AS VARCHAR) AS response,
         CAST(NULL AS VARCHAR) AS conversation, CAST(NULL AS INT) AS turn,
         CAST(NULL AS INT) AS input_tokens, CAST(NULL AS INT) AS output_tokens
  FROM '../../shared/data/benign/arena_users_1k.jsonl.zst'
), numbered AS (
  SELECT id, messages, CAST(row_number() OVER (ORDER BY id) AS BIGINT) AS number
  FROM '../../shared/data/benign/arena_conversations.jsonl.zst'
), turns AS (
  SELECT id, number, messages, unnest(range(1, CAST(2 + array_length(messages) / 2 AS BIGINT))) AS turn FROM numbered
), conversations AS (
  SELECT concat(id, '-', CAST(turn AS VARCHAR)) AS id,
         1682351621000000 + number * 60000000 + turn * 20000000 AS time,
         concat('conversation-', id) AS account, 'arena' AS model,
         CAST(NULL AS VARCHAR) AS system, messages[2 * turn - 1]['content'] AS prompt,
         messages[2 * turn]['content'] AS response, id AS conversation, CAST(turn AS INT) AS turn,
         CAST(NULL AS INT) AS input_tokens, CAST(NULL AS INT) AS output_tokens
  FROM turns WHERE messages[2 * turn - 1]['content'] IS NOT NULL
), marketing AS (
  SELECT id, CAST((meta['ts'] - 991 * 86400) * 1000000 AS BIGINT) AS time,
         concat('marketing-', CAST(row_number() OVER (ORDER BY id) % 3 AS VARCHAR)) AS account, 'gpt-4o-mini' AS model,
         system, prompt, response, CAST(NULL AS VARCHAR) AS conversation, 1 AS turn,
         CAST(meta['prompt_tokens'] AS INT) AS input_tokens, CAST(meta['completion_tokens'] AS INT) AS output_tokens
  FROM '../../shared/data/distill/marketing_timed.jsonl.zst'
), judge AS (
  SELECT id, CAST((ts - 127 * 86400) * 1000000 AS BIGINT) AS time,
         concat('judge-', CAST(row_number() OVER (ORDER BY id) % 3 AS VARCHAR)) AS account, model,
         CAST(NULL AS VARCHAR) AS system, messages[1]['content'] AS prompt, messages[2]['content'] AS response,
         CAST(NULL AS VARCHAR) AS conversation, 1 AS turn,
         CAST(NULL AS INT) AS input_tokens, CAST(NULL AS INT) AS output_tokens
  FROM '../../shared/data/benign/evalharness_zh_judge.jsonl.zst'
), bootstrap AS (
  SELECT id, 1682900000000000 + number * 60000000 AS time,
         concat('bootstrap-', CAST(number % 40 AS VARCHAR)) AS account, 'text-davinci-003' AS model,
         system, prompt, response, CAST(NULL AS VARCHAR) AS conversation, 1 AS turn,
         CAST(NULL AS INT) AS input_tokens, CAST(NULL AS INT) AS output_tokens
  FROM (SELECT *, CAST(row_number() OVER (ORDER BY id) AS BIGINT) AS number
        FROM '../../shared/data/distill/alpaca_selfinstruct_requests.jsonl.zst')
)
SELECT * FROM users
UNION ALL SELECT * FROM conversations
UNION ALL SELECT * FROM marketing
UNION ALL SELECT * FROM judge
UNION ALL SELECT * FROM bootstrap
