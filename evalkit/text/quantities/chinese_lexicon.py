"""Words around Chinese numerals: classifiers, qualifiers, and the words that only look like quantities."""

from __future__ import annotations

from evalkit.text.quantities.wordlists import spaced

__all__ = [
    "ABOVE",
    "AFTER",
    "BEFORE",
    "CLASSIFIERS",
    "COMPARED",
    "CURRENCY_BEFORE",
    "DAYS",
    "DISTANT",
    "IDIOMS",
    "LASTING",
    "LONGEST_CLASSIFIER",
    "NAMED",
    "NAMED_OF_THREE",
    "NOT_AFTER",
    "NOT_BEFORE",
    "NOT_CLASSIFIER",
    "NOT_OF_LATE",
    "NOUN_OF",
    "NO_COUNT",
    "NO_NUMBER",
    "NUMBERED",
    "OF_A_WHOLE",
    "ONE_WORDS",
    "PHRASES",
    "WORDS",
]

CLASSIFIERS = frozenset(
    spaced(
        """
        个 名 位 招 家 身 项 条 件 次 人 人次 户 所 座 辆 台 架 艘 只 头 匹 张 份 本 部 篇 期 届 场 轮 批 组 队 支 枚
        颗 粒 块 片 层 栋 幢 间 套 门 种 类 款 例 宗 笔 道 站 班 节 集 句 字 处 口 对 双 副 盒 箱 袋 瓶 杯 碗 盘 桶
        车 步 代 股 票 页 回 遍 趟 局 球 环 投 剂 剂次 声 席 国 省 市 县 区 镇 乡 村 州 校 方 者 党 支队 架次 车次
        班次 航班 场次 台次 人份 艘次 例次 株 棵 朵 根 顶 发 枪 封 首 幅 尊 则 起 通 员 胎 子 居室 房 层楼 岛 枚金牌
        连胜 连败 连冠 分 拳 成员 车道 小组 部门 类别 帧 册 卷 味 针 盏 伙 帮 群 排 串 滴 勺 把 扇 段 餐 顿 夜 晚
        平台 学期 学年 方面 领域 地区 国家 城市 省份 学生 院士 企业 公司 项目 学校 民族 条线 旬 胞胎 口人 口之家 床
        床位 岁半 公顷 路人马 社区 街道 字头 国语言 语种 学时 学分 课时 单元 部分 阶段 步骤 赛季 航母 大类 代人 部委
        省区 省市 县市 市州 乡镇 村民 农户 家庭 高校 医院 工厂 基地 站点 门店 航线 号码 冠军 奖项 比分 进球 助攻
        篮板 积分 席位 英雄 具 尾 讲 罐 听 束 捆 堆 筐 篮 壶 瓣 幕 任 档 格 圈 盆 摊 团 羽 桩 拨 词 派 个学时 个课时
        """
    )
)
LONGEST_CLASSIFIER = max(map(len, CLASSIFIERS))

#: what a classifier alone says of the counted noun.
NOUN_OF = {
    **dict.fromkeys(spaced("名 位 人 口人 员 成员 学生 院士 村民"), "person"),
    **dict.fromkeys(spaced("户 农户 家庭"), "household"),
    **dict.fromkeys(spaced("国 国家"), "country"),
    **dict.fromkeys(spaced("省 省份"), "province"),
    **dict.fromkeys(spaced("市 城市"), "city"),
    **dict.fromkeys(spaced("企业 公司"), "company"),
    **dict.fromkeys(spaced("学校 校 高校"), "school"),
    **dict.fromkeys(spaced("次 回 遍 趟"), "time"),
    "人次": "person-time",
    "县": "county",
    "镇": "town",
    "村": "village",
    "例": "case",
    "项目": "project",
    "医院": "hospital",
    "分": "point",
    "球": "goal",
    "步": "step",
    "航母": "ship",
}

BEFORE = {
    **dict.fromkeys(
        spaced("约 大约 约合 大约合 约等于 折合约 约为 约有 大概 大致 大约有 大约在 左右的 估计 估计有 差不多"), "about"
    ),
    **dict.fromkeys(spaced("近 将近 接近 近乎 几乎 几近 差不多近 逼近 直逼 近有"), "nearly"),
    **dict.fromkeys(
        spaced(
            """
            超 超过 超过了 超出 逾 突破 突破了 多于 大于 高于 已超 已超过 超逾 不止 不下 不仅仅 远超
            """
        ),
        "more than",
    ),
    **dict.fromkeys(
        spaced(
            """
            至少 最少 起码 不少于 不低于 不下于 至少有 最低 不小于 不得低于 不得少于 不能低于 不能少于 不应低于 不应少于
            不会低于 不会少于 不可少于 不宜少于 不得小于
            """
        ),
        "at least",
    ),
    **dict.fromkeys(
        spaced(
            """
            至多 最多 不超过 不高于 不多于 最高 最多有 最高达 不得超过 不会超过 没有超过 未超过 不能超过 最多可 顶多 最大 不得高于
            不得多于 不能高于 不能多于 不应超过 不应高于 不应多于 不可超过 不宜超过 不得大于
            """
        ),
        "at most",
    ),
    **dict.fromkeys(spaced("不到 不足 不满 未满 少于 低于 小于 不及 未到 未达 未达到 没到 没有达到"), "less than"),
}
LONGEST_BEFORE = max(map(len, BEFORE))
#: qualifiers that may stand a word or two ahead: 至少提前24小时, 几乎用了三分钟.
DISTANT = {
    "至少": "at least",
    "起码": "at least",
    "最多": "at most",
    "至多": "at most",
    "大约": "about",
    "大概": "about",
    "几乎": "nearly",
    "约有": "about",
    "约为": "about",
    "约占": "about",
}
#: qualifiers of a share that name first what it is a share of: 不超过总额的5%
OF_A_WHOLE = {
    **dict.fromkeys(spaced("超过 超出 高于 占比超过"), "more than"),
    **dict.fromkeys(spaced("不超过 不得超过 不能超过 不应超过 不会超过 不高于 不得高于"), "at most"),
    **dict.fromkeys(spaced("不低于 不少于 不得低于 不得少于 不能低于 不应低于"), "at least"),
    **dict.fromkeys(spaced("不到 不足 低于 少于"), "less than"),
    **dict.fromkeys(spaced("接近 将近"), "nearly"),
}
#: what a share of is compared with, not taken from: 超过去年的50%
COMPARED = spaced("去年 上年 前年 同期 上月 此前 之前 以往 原来 预期 年的 月的")
#: words after which 3日 is three days
LASTING = tuple(
    spaced("已经 连续 接连 一连 为期 历时 长达 持续 每隔 足足 整整 未来 过去 最近 仅仅 短短 不到 超过 至少")
)
#: what a number after it names: 尾号8888, 热线12345, 波音737
NUMBERED = tuple(
    spaced(
        """
        尾号 卡号 编号 单号 账号 帐号 学号 群号 工号 型号 文号 区号 代号 牌号 房号 机号 话号 证号 号码 邮编 密码 代码 热线 电话
        拨打 致电 验证码 警号 批号 版号 书号 刊号 波音 空客 保时捷 标致 骁龙 麒麟 天玑 酷睿 跑车
        """
    )
)
#: what a number before it names: 320国道, 737客机; and, of three digits, 985高校, 301医院
NAMED = tuple(spaced("国道 省道 县道 客机 晚会 大促 网站 热线 高地 购物节 系列 战机 轰炸机"))
NAMED_OF_THREE = tuple(spaced("高校 大学 中学 医院 工程 计划 厂 团 艺术区 军团"))
#: words that qualify nothing as the end of another word: 附近, 合约, 做不到.
NOT_AFTER = {
    "近": "最附邻靠亲临远",
    "约": "纽条合预节签相公契邀违誓守",
    "超": "中英西意法德高赶反",
    "不下": "居",
    "不到": "做想找看听办料用等轮买",
}
#: before 近 in words that say nearly: 将近三年, beside 近三年, the last three.
NOT_OF_LATE = frozenset(("将", "接", "几", "临", "逼", "靠", "迫"))
AFTER = {
    "以上": "at least",
    "之上": "at least",
    "以下": "at most",
    "以内": "at most",
    "之内": "at most",
    "左右": "about",
    "上下": "about",
    "有余": "more than",
    "开外": "more than",
    "不到": "less than",
    "出头": "more than",
    "许": "about",
    "之多": "exact",
}
#: names of currencies that stand before a number
CURRENCY_BEFORE = {
    "人民币": "CNY",
    "美金": "USD",
    "马币": "MYR",
    "港币": "HKD",
    "台币": "TWD",
    "新币": "SGD",
    "日币": "JPY",
    "澳币": "AUD",
    "加币": "CAD",
}
#: before 百, 千, 万 alone: 上百 is hundreds, 近千 nearly a thousand.
ABOVE = frozenset("上近逾超约成")

#: numeral characters alone that name no number: 万一, 千百
NO_NUMBER = frozenset(
    spaced(
        "百 千 万 亿 千万 百千 千百 万千 万一 亿万 千千万万 数 兆 零 〇 十百 万万 百十 几百千 一二 一二三 一百一 五五"
    )
)
#: what 百, 千, 万 alone count: 千人, 万亩
COUNTED_ALONE = frozenset(spaced("人 字 亩 吨 元 户 名 米 斤 里地 美元 公里 辆 架 件"))
ALONE_IDIOMS = frozenset(
    spaced(
        "万人空 万人迷 百家争 百家讲 百家乐 万家灯 百家姓 千家万 万户侯 百米冲 万人坑 万里长 百名单 千名单 百家号 千米"
    )
)

#: phrases in which a numeral with a classifier counts nothing.
_PHRASES = spaced(
    """
    胡说八道 乱七八糟 七上八下 四面八方 五湖四海 千家万户 三三两两 七嘴八舌 百发百中 三番五次 接二连三 不三不四
    说一不二 四分五裂 五花八门 千门万户 三头六臂 九牛一毛 半斤八两 三天两头 三天打鱼 两天晒网 三人成虎 六神无主
    三教九流 八仙过海 五味杂陈 五味俱全 三更半夜 十万八千里 五十步笑百步 三百六十行 九死一生 六亲不认 四世同堂
    三代同堂 五代十国 三句不离 三句话不离 三口之家 三座大山 两口子 三岁看大 七年之痒 七十二变 八竿子 三下五除二
    四方云集 四方来客 二话不说 二话没说 五星级 五星好评 四星级 三星级 五星红旗 五四青年 三八妇女 七十二家 十字路口
    二次元 三分球 两分球 两点一线 三点一线 万分感谢 十全十美 八九不离十 三思而行 百年老店 千年古 百日维新 三家村
    三百六十度 百分点 三好学生 五讲四美 四大天王 四大名著 五大湖 百班千人
    """
)
#: the numeral with what follows it -> phrases, and where in them it stands
PHRASES: dict[str, tuple[tuple[str, int], ...]] = {}
for _phrase in _PHRASES:
    for _i, _c in enumerate(_phrase[:-1]):
        if _c in "一二三四五六七八九十百千万两半":
            PHRASES[_phrase[_i : _i + 2]] = (*PHRASES.get(_phrase[_i : _i + 2], ()), (_phrase, _i))

#: what follows a classifier that is the beginning of another word (360集成).
NOT_CLASSIFIER = {
    "集": "成团合中市体会结资邮",
    "台": "湾风灯账",
    "部": "分署委长队属",
    "站": "点在起立长",
    "对": "于应比阵话立手岸面方待策照抗象付外此",
    "双": "方边重十语向",
    "期": "间待望末货刊盼",
    "口": "罩红味号腔碑岸",
    "道": "路德理歉具教观",
    "条": "件约例款理",
    "处": "理于罚方境置分女长",
    "头": "部条号发",
    "通": "过知信常用讯",
    "代": "表替码价理谢",
    "场": "地馆景所合外内边面",
    "发": "现展生布出送表射放言达行",
    "回": "来到复应答归家国去",
    "次": "日要数序元品于贷新",
    "票": "房价据选",
    "门": "诊口票户槛店铃将",
    "片": "面刻区段",
    "局": "面部势长域",
    "声": "明音称势誉",
    "席": "卷位",
    "顿": "时",
    "环": "境节保绕卫比",
    "节": "省能约日目奏课点制",
    "班": "级长主",
    "票据": "",
    "支": "持付出援撑部配架",
    "本": "次周月轮届人土科质身来能地报市省院校店书国",
    "组": "织成合建委装长",
    "队": "伍员长友列",
    "项": "",
    "子": "公女弟孙",
    "面": "对临向试前积",
    "把": "握",
    "层": "面次级出",
    "章": "",
    "步": "行骤伐入",
    "针": "对",
    "顶": "尖端级部住",
    "根": "据本源",
    "首": "先都次席届脑家批位",
    "封": "闭锁城面控",
    "排": "名放除序查",
    "群": "众体",
    "段": "落",
    "手": "",
    "校": "园长区友",
    "者": "",
    "方": "面法向便式案针言阵才可圆程",
    "房": "子价屋",
    "岛": "国内",
    "州": "长际",
    "区": "别域块",
    "村": "里",
    "车": "间位道主险型牌厢载辆",
    "句": "话说",
    "尊": "重敬严",
    "轮": "到流船胎廓回",
    "届": "时",
    "款": "式",
    "类": "似别型",
    "种": "植子类",
    "座": "谈位",
    "杯": "子",
    "盘": "子点",
    "份": "额",
    "袋": "子",
    "桶": "",
    "粒": "子",
    "批": "评准发复",
    "例": "如外",
    "件": "",
    "架": "构",
    "块": "链",
    "则": "",
    "员": "工",
    "具": "体有备",
    "尾": "声巴部随款",
    "讲": "话述课座究义解师台坛",
    "听": "说到取众从",
    "束": "缚手",
    "堆": "积叠砌",
    "篮": "球板子",
    "幕": "后布僚",
    "任": "务意何命职性由",
    "档": "案次期位",
    "格": "式局外子斗",
    "圈": "子内外",
    "摊": "位贩子",
    "团": "队结体伙员聚圆",
    "拨": "打款付",
    "派": "出遣对兵别系生送驻去往",
    "词": "语汇条典曲性组",
}
#: fixed phrases: lowest value, highest value
IDIOMS = {
    "成千上万": (1000, 90000),
    "成百上千": (100, 9000),
    "数以百计": (100, 900),
    "数以千计": (1000, 9000),
    "数以万计": (10000, 90000),
    "数以十万计": (100000, 900000),
    "数以百万计": (1000000, 9000000),
    "数以千万计": (10000000, 90000000),
    "数以亿计": (100000000, 900000000),
}

#: words that begin with 一 and count nothing.
ONE_WORDS = frozenset(
    spaced(
        "一起 一家 一度 一代 一方 一口 一手 一片 一部 一级 一票 一对 一步 一道 一环 一回 一路 一面 一者 一通 一分 一字 一行"
    )
)

#: a numeral before these counts nothing, though their first character is a classifier or a unit.
NO_COUNT = frozenset(
    spaced(
        """
        国演义 国志 国时期 国杀 位一体 人转 门峡 门冬 角形 角洲 角恋 方面军 星红旗 轮车 轮摩托 级跳 级片 名单 部曲
        角钱 味真火 七二十一 通八达 面八方 步走 个一批 班倒 声道 分球 分线 分之 点式 座车 座版 门版 口之 子登科
        头六臂 头牛 代机 代身份证 代目 代表 手房 手车 线城市 线三 线明星 号线 把手 场地 位数 国语 环路 环内 环外
        环以 栋才 片区 条街 项全能 项重点 方诸侯 分卫 分明 分天下 分裤 次元 次世界 次大战 次革命 次会议 次全 方医
        轮驱动
        室一厅 国集团 国联军 代会 代帝 更 胞胎 个代表 边形 边贸 人行 人世 人帮 方针 点钟 星期 层小楼 宝饭 喜丸 次方 页纸 分五裂
        分熟 股文 合一 合院 字头 一事件
        """
    )
)
#: days known by their number
DAYS = {
    "六四": (6, 4),
    "五四": (5, 4),
    "六一": (6, 1),
    "五一": (5, 1),
    "八一": (8, 1),
    "九一八": (9, 18),
    "十一": (11, 11),
    "十二": (12, 12),
}
#: words that begin with a numeral and count nothing.
WORDS = frozenset(
    spaced(
        "十字 四周 八方 四处 三角 五角 二次 十分 四面 三军 三国 五行 六合 七夕 八卦 九州 千斤 两两 三三 四肢 五官 八字 十足"
    )
)
#: characters before a lone numeral that make it a part of a word: 周四, 星期三, 农历初八, 老三
NOT_BEFORE = frozenset("周期拜初老阿丙乙甲高大小初第号卷")
