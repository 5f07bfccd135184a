"""Words that carry nothing in a complaint: grammar, courtesy, and what every complaint says."""

_CHINESE = """
的 了 和 是 在 我 有 也 就 都 而 及 与 或 着 把 被 让 给 对 从 到 向 以 于 为 之 其 这 那 哪 你 您
他 她 它 们 吗 呢 吧 啊 呀 嘛 么 哦 请 但 却 又 再 才 还 很 太 最 更 会 能 要 想 去 来 说 做 没 不
无 个 些 等 上 下 里 中 后 前 时 我们 你们 您们 他们 她们 它们 咱们 自己 本人 大家 别人 有人 某人
人家 这个 那个 这些 那些 这样 那样 这种 那种 这里 那里 这边 那边 这么 那么 哪个 哪些 哪里 什么
怎么 怎样 怎么样 怎么办 如何 为何 为什么 多少 几个 是否 是不是 有没有 能不能 可不可以 可以 能够
可能 应该 应当 必须 需要 想要 要求 希望 请求 恳请 恳求 觉得 认为 感觉 知道 不知 不知道 表示 告诉
告知 看到 发现 得到 进行 没有 不是 不能 不会 不要 还是 还有 还要 就是 只是 只有 只能 但是 可是
然而 不过 而且 并且 并 以及 或者 因为 由于 所以 因此 于是 如果 假如 要是 虽然 尽管 即使 然后 后来
之后 以后 之前 以前 当时 现在 目前 如今 今天 昨天 明天 今年 去年 刚才 刚刚 已经 曾经 一直 总是
经常 又是 再次 再说 其实 其他 其它 另外 此外 同时 同样 一样 一下 一些 一个 一种 一次 两个 第一
非常 特别 十分 比较 真的 实在 确实 到底 究竟 居然 竟然 根本 完全 全部 所有 任何 每个 各个 各种
等等 之类 左右 大概 关于 对于 根据 按照 通过 为了 除了 直接 甚至 至今 起来 出来 下来 过来 过去
时候 时间 地方 方面 东西 事情 情况 问题 原因 结果 相关 有关 有些 一点 有点 您好 你好 谢谢 感谢
麻烦 请问 敬请 尊敬 领导 先生 女士 贵行 贵司 反映 投诉 投诉人 诉求 来信 来电 银行 客户 处理 解决
答复 回复 尽快 及时 了解 咨询 核实 给予 予以 望 能否 很多 多次 作为 越是 整个 以上 属于 不到 很大
无法 存在 造成 导致 出现 发生 部分 考虑 万元 书记 局长 市长 建议 部门 欢迎 一台 两台 几台 一家
一张 一笔 一直以来 第二 才能 每次 每天 当天 多年 本来 开始 结束 以为 不予 才行 都是 也是 这是 那是
我司 该行 你行 我行 本行 不了 马上 办法 一旦 里面 总之
感到 用于 利用 真正 期盼 加大 力度 进一步
"""
_ENGLISH = """
i me my mine myself we us our ours ourselves you your yours yourself he him his himself she her
hers it its itself they them their theirs themselves who whom whose which what this that these
those am is are was were be been being have has had having do does did doing done will would shall
should can could may might must ought a an the and but if or because as until while of at by for
with about against between into through during before after above below to from up down in out on
off over under again further then once here there when where why how all any both each few more
most other some such no nor not only own same so than too very just also even ever never still yet
however therefore thus else since though although unless upon within without per via etc ie eg
don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't cannot couldn't shouldn't
haven't hasn't hadn't i'm i've i'd i'll you're it's that's there's they're we're we've dont didnt
doesnt cant wont ive im one two said say says told tell asked ask got get gets getting went go
going make made want wanted know knew see saw thing things way lot back now today yesterday please
thank thanks hello hi dear sir madam complaint complain complaining bank customer issue problem
matter regarding concerning ve re ll d m time times use used using like need needed take took
taken well several another help day days much many really always already either anything something
everything nothing someone anyone everyone let put come came keep kept give gave given able around
full anyway
"""

CHINESE = frozenset(_CHINESE.split())
ENGLISH = frozenset(_ENGLISH.split())
STOP_WORDS = CHINESE | ENGLISH
