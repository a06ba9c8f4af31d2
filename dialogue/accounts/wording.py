"""Words for roles and for what waits for a proved address."""

from dialogue.accounts.rules import ProofPurpose, Role
from dialogue.core.language import N_

ROLES: dict[Role, str] = {
    Role.OFFICIAL: N_("Official"),
    Role.COORDINATOR: N_("Coordinator"),
    Role.DECIDER: N_("Decider"),
    Role.ADMINISTRATOR: N_("Administrator"),
}

#: What somebody began and has not confirmed yet.
PURPOSES: dict[ProofPurpose, str] = {
    ProofPurpose.SIGN_IN: N_("Log in"),
    ProofPurpose.CONFIRM_REQUEST: N_("A request that is not published yet"),
    ProofPurpose.CAST_VOTE: N_("A vote that is not counted yet"),
    ProofPurpose.POST_MESSAGE: N_("A post that is not shown yet"),
    ProofPurpose.SUBSCRIBE: N_("A subscription that has not started yet"),
}
