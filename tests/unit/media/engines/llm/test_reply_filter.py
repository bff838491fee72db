"""What leaves a model's stream: the reply, however it is cut into pieces, and nothing around it."""

import pytest

from media.engines.llm.reply_filter import ReplyFilter


def filtered(text: str, piece: int, *, begins_thinking: bool = False) -> str:
    reply = ReplyFilter(begins_thinking=begins_thinking)
    pieces = [reply.feed(text[at : at + piece]) for at in range(0, len(text), piece)]
    return "".join(pieces) + reply.end()


AS_IT_IS = (
    "Note: bring a pen", "Answer: yes or no?", "AI: a short history", "Bot: noun, a program",
    "Output: 5 kW", "Antwort: ja", "Thought: a strange word", "Plan: first flour, then water",
    "Assistant manager: Bob", "Response time: 5 s", "User: somebody who uses it", "A: the first",
    "a < b", "a<b", "<3", "I <3 you", "I<3 bread", "x <= y", "<- back", "1 << 2", "(>_<)",
    "Fill in <plan> and <date> here.", "Put your <private> key there, then go on.",
    "The <hidden> folder, it is there", "<plan> is where your plan goes", "<reasonable> people",
    "Rodin's <thinker>", "<Thinking about it, I would say yes>", "Type <enter> now",
    "Mail <joe@example.com>", "<https://example.com>", "<planet> Earth", "[THINKING] aloud",
    '{"a": 1} is JSON', "{name} is a placeholder", '["x"]', "`x` is code", "```python\nx\n```",
    "答案是四", "Привет, как дела?", "مرحبا", "Bread【1】 is good [2].",
)  # fmt: skip
FINAL = "<|start|>assistant<|channel|>final<|message|>"


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 7, 1000])
@pytest.mark.parametrize(
    ("streamed", "said"),
    [
        ("<think>Hm.</think>Hello.", "Hello."),
        ("Hello. <think>what</think>Bye.", "Hello. Bye."),
        ("<thinking>a<think>b</think>c</thinking >d", "d"),
        ("<think>never ends", ""),
        ("Hello.\n\nHuman: and then?", "Hello."),
        ("Hello.\n### User: more\n", "Hello."),
        ("Hello.\n### Users say\nHumans: ok", "Hello.\n### Users say\nHumans: ok"),
        ("Here's my thought process: hi.\nHere is my response: Hello.", "Hello."),
        ("Here is my thought: hello.", "Here is my thought: hello."),
        ("</think>Hello", "Hello"),
        (f"<|channel|>analysis<|message|>They say hi<|end|>{FINAL}Hello.<|return|>", "Hello."),
        ("<|channel|>commentary to=x<|message|>{}<|call|>", ""),
        ("<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nI am", "Hello."),
        ("<|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|>", "Hello"),
        ("<start_of_turn>model\nHi<end_of_turn>", "Hi"),
        ("Hi<｜end▁of▁sentence｜> more", "Hi"),
        ("Hi</s>", "Hi"),
        ("Assistant: Hello.", "Hello."),
        ("**Assistant:** Hello", "Hello"),
        ("assistant\n\nHello", "Hello"),
        ("AI: Hello", "Hello"),
        ("Hello <thi", "Hello "),
        ("Agent 47 is here", "Agent 47 is here"),
        ("Agent: Smith is his name", "Agent: Smith is his name"),
        ("Agent: This is the desk", "This is the desk"),
        ("Agent: Wonderful! Is it", "Wonderful! Is it"),
        ("Agent: Hi", "Hi"),
        ("<|thinking|>plan<|/thinking|>Hello", "Hello"),
        ("Thought: they greet.\nFinal Answer: Hello", "Hello"),
        ("**Thinking**\nplan\n**Response**\nHello", "Hello"),
        ("A cat", "A cat"),
        ("AI", "AI"),
        ("<seed:think>plan</seed:think>Hello", "Hello"),
        ("◁think▷plan◁/think▷Hello", "Hello"),
        ("[THINK]plan[/THINK]Hello", "Hello"),
        ("<thinking_process>plan</thinking_process>Hello", "Hello"),
        ("<analysis>plan</analysis><final>Hello</final>", "Hello"),
        ("<answer>Hello</answer>", "Hello"),
        ("[/INST] Hello [INST] more", "Hello "),
        ('<tool_call>{"name": "x"}</tool_call>Hello', "Hello"),
        ("[think] of [A] and <answers> ◁ [T", "[think] of [A] and <answers> ◁ [T"),
        ("<think/>Hello", "Hello"),
        ("<think />\nHello", "Hello"),
        ("<|begin_of_thought|>plan<|end_of_thought|><|begin_of_solution|>Hello<|end_of_solution|>",
         "Hello"),
        ("<|START_THINKING|>plan<|END_THINKING|><|START_RESPONSE|>Hello<|END_RESPONSE|>", "Hello"),
        ("<｜tool▁calls▁begin｜>x<｜tool▁calls▁end｜>Hello", "Hello"),
        ("<|tool_calls_section_begin|>x<|tool_calls_section_end|>Hello", "Hello"),
        ("<|python_tag|>x()", ""),
        ("<unused94>thought\nplan<unused95>Hello", "Hello"),
        ("<inner_monologue>plan</inner_monologue>Hello", "Hello"),
        ("<chain_of_thought>plan</chain_of_thought>Hello", "Hello"),
        ("<function=x>{}</function>Hello", "Hello"),
        ('<invoke name="x">{}</invoke>Hello', "Hello"),
        ("a <function> and an <unused9", "a <function> and an "),
        ("assistant<|channel|>final<|message|>Hello", "Hello"),
        ("analysisThey say hi.assistantcommentary to=x{}assistantfinalHello", "Hello"),
        ("analysis of bread", "analysis of bread"),
        ("analysis", "analysis"),
        ("5 < 3, a<b and <b>x</b> <", "5 < 3, a<b and <b>x</b> <"),
        ("[assistant]: Hello", "Hello"),
        ("[Assistant] Hello", "Hello"),
        ("**[ASSISTANT]:** Hello", "Hello"),
        ("<think>plan</think>\n\n[assistant]: Hello", "Hello"),
        ("(Assistant): Hello", "Hello"),
        ("assistant: Hello", "Hello"),
        ("Final answer: Hello", "Hello"),
        ("Asistente: Hola", "Hola"),
        ("Antwort: Hallo", "Hallo"),
        ("Réponse : Bonjour", "Bonjour"),
        ("(A) Hello, [agent 7] here", "(A) Hello, [agent 7] here"),
        ("Answers: none", "Answers: none"),
        ("[laughs] Hello", "[laughs] Hello"),
        ("<planning>plan</planning>Hello", "Hello"),
        ("<plan>1. Greet</plan>\nHello", "Hello"),
        ("Hi. <internal_monologue>plan</internal_monologue>Hello", "Hi. Hello"),
        ("<antThinking>plan</antThinking>Hello", "Hello"),
        ("<thought-process>plan</thought-process>Hello", "Hello"),
        ('<reasoning_steps n="2">plan</reasoning_steps>Hello', "Hello"),
        ("<self_critique/>Hello", "Hello"),
        ("<explanation>Hello</explanation>", "<explanation>Hello</explanation>"),
        ("if a<plan and b>c then", "if a<plan and b>c then"),
        ("we<planted and I<3 you", "we<planted and I<3 you"),
        ("&lt;think&gt;plan&lt;/think&gt;Hello", "Hello"),
        ("&#60;planning&#62;plan&#60;/planning&#62;Hello", "Hello"),
        ("&#x3C;think&#x3E;5 &gt; 3&#x3C;/think&#x3E;Hello", "Hello"),
        ("&lt;think/&gt;&lt;answer&gt;Hello&lt;/answer&gt;&lt;|im_end|&gt;", "Hello"),
        ("Hello &lt;thin", "Hello "),
        *((text, text) for text in AS_IT_IS),
        ("<plan>1. Greet", "<plan>1. Greet"),
        ("<plan>a<think>b</think>c", "<plan>ac"),
        ("<internal_monologue>never ends", ""),
        ("Hi <plan>1. Greet</plan>there", "Hi there"),
        ("the <plan> of " + "it " * 50, "the <plan> of " + "it " * 50),
        ("<thinking>Use <plan> here</thinking>Hello", "Hello"),
        ("<think>not <thinking>, no</think>Hello", "Hello"),
        ("<think>plan</thinking>Hello", "Hello"),
        ("[THINKING]plan[/THINKING]Hello", "Hello"),
        ("<réflexion>plan</réflexion>Bonjour", "Bonjour"),
        ("<思考>计划</思考>你好", "你好"),
        ("<gedanken>Plan</gedanken>Hallo", "Hallo"),
        ("<razonamiento>plan</razonamiento>Hola", "Hola"),
        ('<|tool_call|>{"name": "x"}<|/tool_call|>Hello', "Hello"),
        ("<tool_code>x()</tool_code>Hello", "Hello"),
        ("<tool_use>x</tool_use><tool_result>y</tool_result>Hello", "Hello"),
        ("<bos>Hello<eos> more", "Hello"),
        ("Answer: Hello", "Hello"),
        ("```text\nHello", "Hello"),
        ('{"reply": "Hello"}', "Hello"),
        ("{" + '"a":{' * 2000 + "\n\n", "{" + '"a":{' * 2000 + "\n\n"),
        ('```json\n{"role": "assistant", "content": "Hello"}\n```', "Hello"),
        ('{"name": "end_call", "arguments": {}}', ""),
        ("R&D, AT&T, 5 &lt; 3 and a &lt;b&gt; &", "R&D, AT&T, 5 &lt; 3 and a &lt;b&gt; &"),
    ],
)  # fmt: skip
def test_only_the_reply_is_left(streamed: str, said: str, piece: int) -> None:
    assert filtered(streamed, piece) == said


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_reasoning_that_a_template_opened_is_known_by_its_end(piece: int) -> None:
    text = "They say hi. I answer.</think>Hello."
    reply = ReplyFilter()
    for at in range(0, len(text), piece):
        reply.feed(text[at : at + piece])
    assert reply.began_thinking
    assert filtered(text, piece, begins_thinking=True) == "Hello."
    assert filtered(f"<think>{text}", piece, begins_thinking=True) == ""
    assert filtered("They say", piece, begins_thinking=True) == ""


def test_words_are_not_held_back_longer_than_a_tag_could_begin() -> None:
    reply = ReplyFilter()
    assert reply.feed("Hello there, ") == "Hello there, "
    assert reply.feed("5 < 3") == "5 < 3"
    marks = ReplyFilter()
    assert len("".join(marks.feed("____") for _ in range(50))) == 200
