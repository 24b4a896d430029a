-- One profile per account and day. `day` is counted from the first row; every other column is the contract's.
SELECT
    account,
    day,
    profile(
        time, model, prompt, system, response, conversation, turn, credential, channel, reasoning_signature,
        input_tokens, output_tokens, temperature, top_p, max_tokens, n, tools, logprobs, stream,
        finish_reason, status, ip, asn, user_agent, ja4
    ) AS profile
FROM exchanges
GROUP BY account, day
