"""Invented names as they occur in schools: common ones, rare characters, dots, long ones."""

from random import Random

# The dot of transliterated names as registers and keyboards write it; the police write the first.
DOT = "\u00b7"
DOT_VARIANTS = ("\u2022", "\u2027", "\u30fb", "\uff0e", "\ufe52")
# Unified Ideographs beyond the common sets, Extension B, a compatibility ideograph, and a
# private-use code point that older systems gave to a character not yet encoded.
RARE_CHARACTERS = ("䶮", "㛃", "𠮷", "\ue863", "﨑", "𬭎")

_COMMON_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_SURNAMES: tuple[str, ...] = (
    *"梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖",
    *"邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文仇查区单解",
    *("欧阳", "上官", "司马", "诸葛", "慕容", "令狐"),
)
_BOYS = "伟强磊军洋勇杰涛超明刚平辉鹏斌宇浩凯健俊帆帅旭宁龙林欢佳阳建亮成睿轩博航哲瀚铭泽"
_GIRLS = "芳娜敏静丽艳娟霞秀燕玲桂莹雪晶倩婷梅琴洁颖璐瑶怡欣妍萱涵诗语彤悦琪梓蕊岚"
_EITHER = "子雨晨思一可安乐文嘉清远若以沐言景知南北和星月"

_TRANSLITERATED = {
    "维吾尔族": "阿迪力 艾力 买买提江 阿卜杜热依木 帕提古丽 古丽娜尔 吐尔逊 麦尔哈巴 祖丽皮娅",
    "哈萨克族": "叶尔肯 努尔兰 阿依波塔 巴合提 赛力克 加娜尔 木拉提 阿依古丽 努尔兰别克",
    "柯尔克孜族": "阿曼吐尔 托合提 居马别克 阿依努尔 买买提卡力 萨依普 吐尔干白 古丽赛娜",
    "彝族": "阿依 吉克 阿牛 沙马 曲木 古乌 伍呷 尔古 阿西 日布",
}
_UNDIVIDED = {
    "藏族": "扎西顿珠 次仁央金 格桑卓玛 旦增罗布 白玛曲珍 索朗旺堆 德吉措姆 洛桑平措",
    "蒙古族": "巴特尔 乌云其木格 苏日娜 阿古拉 其其格 朝鲁 萨仁高娃 呼格吉勒 孟和",
}
_UNDIVIDED_ENDINGS = ("", "", "子", "雨", "晨", "思")
_LONG_PARTS = (
    "阿卜杜热依木",
    "买买提吐尔逊",
    "艾合买提江",
    "努尔买买提",
    "吐尔逊娜依",
    "依布拉音江",
)


def invent_name(random: Random, sex: str, ethnic_group: str) -> str:
    """A name as children of that sex and ethnic group often bear it, with the dot U+00B7."""
    if parts := _TRANSLITERATED.get(ethnic_group):
        return DOT.join(random.sample(parts.split(), 2))
    if names := _UNDIVIDED.get(ethnic_group):
        return random.choice(names.split()) + random.choice(_UNDIVIDED_ENDINGS)
    return invent_surname(random) + _given(random, sex)


def invent_surname(random: Random) -> str:
    """A Han surname, twenty of them half of the time, as in life."""
    return random.choice(_COMMON_SURNAMES if random.random() < 0.5 else _SURNAMES)


def invent_long_name(random: Random) -> str:
    """A name of more than twenty-five characters."""
    return DOT.join(random.sample(_LONG_PARTS, 5))


def _given(random: Random, sex: str) -> str:
    own = (_BOYS if sex == "男" else _GIRLS) + _EITHER
    length = 1 if random.random() < 0.15 else 2
    return "".join(random.choice(own) for _ in range(length))
