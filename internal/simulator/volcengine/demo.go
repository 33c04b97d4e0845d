package volcengine

import "github.com/instance-power/terraform-provider-instance/internal/simulator"

// The credentials that the simulator accepts. They are public on purpose, and
// no cloud knows them.
const (
	DemoID     = "AKLT-simulator-demo"
	DemoSecret = "not-a-secret-volcengine" //nolint:gosec // A key of the simulator, worth nothing anywhere.

	TemporaryID     = "AKTP-simulator-temporary"
	TemporarySecret = "not-a-secret-volcengine-temporary" //nolint:gosec // A key of the simulator, worth nothing anywhere.
	TemporaryToken  = "not-a-token-volcengine"            //nolint:gosec // A token of the simulator, worth nothing anywhere.

	ExpiredID     = "AKTP-simulator-expired"
	ExpiredSecret = "not-a-secret-volcengine-expired" //nolint:gosec // A key of the simulator, worth nothing anywhere.
	ExpiredToken  = "not-a-token-volcengine-expired"  //nolint:gosec // A token of the simulator, worth nothing anywhere.

	DeniedID     = "AKLT-simulator-denied"
	DeniedSecret = "not-a-secret-volcengine-denied" //nolint:gosec // A key of the simulator, worth nothing anywhere.

	ReadOnlyID     = "AKLT-simulator-read-only"
	ReadOnlySecret = "not-a-secret-volcengine-read-only" //nolint:gosec // A key of the simulator, worth nothing anywhere.

	// SecondID is of the second account, MainID of the first account itself.
	SecondID     = "AKLT-simulator-second"
	SecondSecret = "not-a-secret-volcengine-second" //nolint:gosec // A key of the simulator, worth nothing anywhere.
	MainID       = "AKLT-simulator-main"
	MainSecret   = "not-a-secret-volcengine-main" //nolint:gosec // A key of the simulator, worth nothing anywhere.
)

// Keys are the credentials above.
func Keys() simulator.Keys {
	return simulator.Keys{
		Lasting:   simulator.Credential{AccessKeyID: DemoID, Secret: DemoSecret},
		Temporary: simulator.Credential{AccessKeyID: TemporaryID, Secret: TemporarySecret, Token: TemporaryToken},
		Expired:   simulator.Credential{AccessKeyID: ExpiredID, Secret: ExpiredSecret, Token: ExpiredToken, Expired: true},
		Denied:    simulator.Credential{AccessKeyID: DeniedID, Secret: DeniedSecret, Policy: simulator.AllowOnly()},
		ReadOnly: simulator.Credential{
			AccessKeyID: ReadOnlyID, Secret: ReadOnlySecret, Policy: simulator.AllowOnly("ecs:Describe*"),
		},
		Second: simulator.Credential{AccessKeyID: SecondID, Secret: SecondSecret, Account: SecondAccountID},
		Main:   simulator.Credential{AccessKeyID: MainID, Secret: MainSecret, Main: true},
	}
}

// DemoFleet implements simulator.Wire.
func (w *Wire) DemoFleet() []simulator.Instance {
	return []simulator.Instance{
		{ID: "i-demoweb1", Name: "web-1", ElasticIP: "203.0.113.31", Tags: map[string]string{"role": "web"}},
		{ID: "i-demoweb2", Name: "web-2", Tags: map[string]string{"role": "web"}},
		{
			ID: "i-demobatch", Name: "batch", Status: stopped, StoppedMode: stopCharging,
			Tags: map[string]string{"role": "batch"},
		},
		{ID: "i-demoprepaid", Name: "database", ChargeType: prePaid, Tags: map[string]string{"role": "database"}},
		{ID: "i-demolocal", Name: "cache", Type: "ecs.i3s.large", LocalDisk: true, Tags: map[string]string{"role": "cache"}},
		{ID: "i-demospot", Name: "spot", Spot: true},
		{ID: "i-demometal", Name: "bare-metal", Type: "ecs.ebmhpcpni2l.32xlarge"},
		{ID: "i-demoscheduled", Name: "scheduled", Extra: map[string]string{extraScheduled: "Esi"}},
		{ID: "i-demorebuild", Name: "being-rebuilt", Status: "REBUILDING"},
		{ID: "i-demoerror", Name: "failed", Status: errorWord},
		{ID: "i-demoshanghai", Name: "shanghai", Region: "cn-shanghai"},
	}
}

// Environment implements simulator.Wire.
func (w *Wire) Environment(string) []string {
	return []string{
		"VOLCENGINE_ACCESS_KEY=" + DemoID,
		"VOLCENGINE_SECRET_KEY=" + DemoSecret,
		"VOLCENGINE_REGION=" + w.cloud.Regions()[0],
	}
}
