"""The closed words of access: operations, roles, kinds of institution, purposes, scopes."""

from enum import StrEnum


class Operation(StrEnum):
    """Everything a caller can ask of us."""

    INTAKE_SUBMIT = "intake.submit"
    INTAKE_READ = "intake.read"
    INTAKE_CONFIRM = "intake.confirm"
    HANDOVER_READ = "handover.read"
    HANDOVER_REPORT = "handover.report"
    HANDOVER_PROPOSE = "handover.propose"
    HANDOVER_CONFIRM = "handover.confirm"
    HANDOVER_CHOOSE_CANDIDATE = "handover.choose_candidate"
    HANDOVER_REJECT_CANDIDATE = "handover.reject_candidate"
    HANDOVER_APPROVE = "handover.approve"
    HANDOVER_RETURN = "handover.return"
    HANDOVER_RESUBMIT = "handover.resubmit"
    HANDOVER_REVERSE = "handover.reverse"
    HANDOVER_WITHDRAW = "handover.withdraw"
    HANDOVER_DECIDE = "handover.decide"
    NUMBER_RESOLVE = "number.resolve"
    VERIFICATION_ASK = "verification.ask"
    VERIFICATION_READ = "verification.read"
    VERIFICATION_STEER = "verification.steer"
    PROBLEMS_READ = "problems.read"
    PROBLEMS_EXPORT = "problems.export"
    PROBLEM_READ = "problem.read"
    PROBLEM_PROPOSE = "problem.propose"
    PROBLEM_CONFIRM = "problem.confirm"
    PROBLEM_REJECT = "problem.reject"
    PROBLEM_DECIDE = "problem.decide"
    PROBLEM_REFER = "problem.refer"
    PROBLEM_CLOSE = "problem.close"
    PERIODIC_START = "periodic.start"
    PERIODIC_LIST = "periodic.list"
    PERIODIC_READ = "periodic.read"
    PERIODIC_CLOSE = "periodic.close"
    PERIODIC_EXPORT = "periodic.export"
    ROSTER_READ = "roster.read"
    ROSTER_WRITE = "roster.write"
    ROSTER_CONFIRM = "roster.confirm"
    ROSTER_SIGN = "roster.sign"
    NOTICE_SEND = "notice.send"
    NOTICE_WITHDRAW = "notice.withdraw"
    CORRECTIONS_READ = "corrections.read"
    CORRECTION_READ = "correction.read"
    CORRECTION_DECIDE = "correction.decide"
    ENROLMENT_ASK = "enrolment.ask"
    ENROLMENT_READ = "enrolment.read"
    ENROLMENT_PAPER = "enrolment.paper"
    ENROLMENT_SHIELD = "enrolment.shield"
    ENROLMENT_STOPS_READ = "enrolment_stops.read"
    ENROLMENT_STOP_RELEASE = "enrolment_stop.release"
    ACCESS_STOPS_READ = "access_stops.read"
    ACCESS_STOP_RELEASE = "access_stop.release"
    WORKLIST_READ = "worklist.read"
    LANES_READ = "lanes.read"
    FEED_READ = "feed.read"
    CLAIM_REDEEM = "claim.redeem"
    FEED_ACKNOWLEDGE = "feed.acknowledge"
    INCIDENTS_READ = "incidents.read"
    EVIDENCE_READ = "evidence.read"
    EVIDENCE_SEARCH = "evidence.search"
    CALLER_MANAGE = "caller.manage"


# Steps that count as one person's act: the person must be named.
ACTS_OF_A_PERSON = frozenset(
    {
        Operation.INTAKE_CONFIRM,
        Operation.HANDOVER_PROPOSE,
        Operation.HANDOVER_CONFIRM,
        Operation.HANDOVER_CHOOSE_CANDIDATE,
        Operation.HANDOVER_REJECT_CANDIDATE,
        Operation.HANDOVER_APPROVE,
        Operation.HANDOVER_RETURN,
        Operation.HANDOVER_RESUBMIT,
        Operation.HANDOVER_REVERSE,
        Operation.HANDOVER_WITHDRAW,
        Operation.HANDOVER_DECIDE,
        Operation.VERIFICATION_ASK,
        Operation.PROBLEMS_EXPORT,
        Operation.PROBLEM_PROPOSE,
        Operation.PROBLEM_CONFIRM,
        Operation.PROBLEM_REJECT,
        Operation.PROBLEM_DECIDE,
        Operation.PROBLEM_REFER,
        Operation.PROBLEM_CLOSE,
        Operation.PERIODIC_START,
        Operation.PERIODIC_CLOSE,
        Operation.PERIODIC_EXPORT,
        Operation.ROSTER_WRITE,
        Operation.ROSTER_CONFIRM,
        Operation.ROSTER_SIGN,
        Operation.NOTICE_SEND,
        Operation.NOTICE_WITHDRAW,
        Operation.CORRECTION_DECIDE,
        Operation.ENROLMENT_ASK,
        Operation.ENROLMENT_PAPER,
        Operation.ENROLMENT_SHIELD,
        Operation.ENROLMENT_STOP_RELEASE,
        Operation.ACCESS_STOP_RELEASE,
        Operation.CLAIM_REDEEM,
        Operation.EVIDENCE_SEARCH,
        Operation.CALLER_MANAGE,
    }
)


class Role(StrEnum):
    """In which role a caller asks."""

    CLERK = "clerk"  # 学籍管理员
    LEADER = "leader"  # 学籍主管领导
    KINDERGARTEN = "kindergarten"  # 幼儿园学籍管理员
    COUNTY = "county"  # 县级教育行政部门
    PROVINCE = "province"  # 省级教育行政部门
    PUBLIC_SECURITY = "public_security"  # 公安机关经办人
    SUBSCRIBER = "subscriber"  # 订阅方系统
    OPERATOR = "operator"  # 运维人员
    AUDITOR = "auditor"  # 审计人员


class InstitutionKind(StrEnum):
    """What kind of institution a caller belongs to."""

    SUBSCRIBER = "subscriber"  # whoever holds a subscription, by its code
    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"
    COUNTY = "county"
    PROVINCE = "province"
    PUBLIC_SECURITY = "public_security"  # a unit, by its twelve-digit code
    OPERATOR = "operator"
    AUDITOR = "auditor"


ROLES_OF: dict[InstitutionKind, frozenset[Role]] = {
    InstitutionKind.SCHOOL: frozenset({Role.CLERK, Role.LEADER}),
    InstitutionKind.KINDERGARTEN: frozenset({Role.KINDERGARTEN, Role.LEADER}),
    InstitutionKind.COUNTY: frozenset({Role.COUNTY}),
    InstitutionKind.PROVINCE: frozenset({Role.PROVINCE}),
    InstitutionKind.PUBLIC_SECURITY: frozenset({Role.PUBLIC_SECURITY}),
    InstitutionKind.SUBSCRIBER: frozenset({Role.SUBSCRIBER}),
    InstitutionKind.OPERATOR: frozenset({Role.OPERATOR}),
    InstitutionKind.AUDITOR: frozenset({Role.AUDITOR}),
}


class Purpose(StrEnum):
    """What a child's record is asked for (header `Jisui-Purpose`)."""

    ENROLMENT = "enrolment"  # 入学接续
    SUPERVISION = "supervision"  # 学籍监管
    ARBITRATION = "arbitration"  # 争议裁定
    AUDIT = "audit"  # 审计
    MISSING_CHILD = "missing_child"  # 查找走失儿童
    CASE = "case"  # 办案
    POPULATION = "population"  # 人口管理


# The rule each purpose rests on; statutory duties of those who keep student records.
BASIS_OF: dict[Purpose, str] = {
    Purpose.ENROLMENT: "全国学前儿童学籍管理办法（试行）；中小学生学籍管理办法（教基〔2025〕1号）",
    Purpose.SUPERVISION: "中小学生学籍管理办法（教基〔2025〕1号）",
    Purpose.ARBITRATION: "中小学生学籍管理办法（教基〔2025〕1号）",
    Purpose.AUDIT: "未成年人网络保护条例第三十七条",
    Purpose.MISSING_CHILD: "未成年人保护法；人民警察法",
    Purpose.CASE: "刑事诉讼法；治安管理处罚法",
    Purpose.POPULATION: "户口登记条例；居民身份证法",
}


class Reach(StrEnum):
    """How far a right reaches from the caller that has it."""

    INSTITUTION = "institution"
    COUNTY = "county"
    PROVINCE = "province"
    NONE = "none"  # touches no child
