package volcengine

import (
	"slices"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// describe tells the log what the request asks for.
func (p *parameters) describe(call *simulator.Call) {
	call.InstanceIDs = slices.Clone(p.ids)
	call.StoppedMode = p.stoppedMode
	call.DryRun = p.dryRun
	call.ClientToken = p.clientToken
	if call.Op == simulator.OpStop || call.Op == simulator.OpReboot {
		call.Force, call.ForceExplicit = simulator.Graceful, p.forceStop != nil
		if p.forceStop != nil && *p.forceStop {
			call.Force = simulator.Forced
		}
	}
}

// check applies the rules about parameters that do not depend on an instance.
// The form of ids is not among them: one that no instance can have is just not
// found (https://www.volcengine.com/docs/6396/101067 has no code for it).
func (p *parameters) check(spec action) *simulator.Refusal {
	if spec.op.Write() && len(p.ids) == 0 {
		return refuse("MissingParameter.InstanceId", "The required parameter InstanceId is not supplied.")
	}
	if len(p.ids) > maxIDs {
		return refuse("InvalidArgument", "The number of InstanceIds is %d, which exceeds the limit of %d.", len(p.ids),
			maxIDs)
	}
	if !tokenWellFormed(p.clientToken) {
		return refuse("InvalidClientToken.Malformed", "The specified ClientToken is malformed.")
	}
	if !slices.Contains([]string{"", keepCharging, stopCharging}, p.stoppedMode) {
		return refuse("InvalidStoppedMode.Malformed", "The specified StoppedMode %s is malformed.", p.stoppedMode)
	}
	if p.maxResults != nil && (*p.maxResults < 1 || *p.maxResults > maxPage) {
		return invalid("MaxResults")
	}
	if p.nextToken != "" {
		if _, ok := p.offset(); !ok {
			return invalid("NextToken")
		}
	}
	return nil
}

func tokenWellFormed(token string) bool {
	for _, r := range token {
		if r > 127 {
			return false
		}
	}
	return len(token) <= maxClientToken
}
