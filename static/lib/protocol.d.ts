/**
 * Frames, events, operations and views of gig.v1. Made from the server's declarations: `make protocol`.
 * Instants are ISO 8601 in UTC, money is whole fen, ways are seconds, positions are degrees.
 */

/** To the employer: the account as it is now. */
export interface AccountEvent {
  me: AccountView;
}

/** Who a session belongs to. */
export interface AccountView {
  id: string;
  role: Role;
  name: string;
  station_id: string | null;
}

/** Received up to `seq`, cumulative. */
export interface Ack {
  t: "ack";
  seq: number;
}

/** One calm line in both languages. `datum` is the one that the position's numbers seem to be in. */
export interface AdviceView {
  code: "off_road" | "datum_suspect";
  zh: string;
  en: string;
  datum: Datum | null;
}

/** Staff answered an appeal; appeals are read over HTTP. */
export interface AppealAnswered {
  t: "event";
  seq: number;
  kind: "appeal.answered";
  data: AppealEvent;
  at: string;
}

/** To the worker: the appeal with its answer. */
export interface AppealEvent {
  appeal: AppealView;
}

/** An appeal as its worker sees it: the reason as it was told then, and the answer once there is one. */
export interface AppealView {
  id: string;
  gig_id: string;
  gig_title: string;
  offer_id: string | null;
  words: string;
  reason: ReasonView;
  created_at: string;
  answer: string | null;
  answered_at: string | null;
}

/** The assignment after the step. */
export interface AssignmentAnswer {
  assignment: AssignmentView;
}

/** Which assignment. */
export interface AssignmentArgs {
  assignment_id: string;
}

/** Call it off before check-in. */
export interface AssignmentCancelCommand {
  t: "command";
  id: string;
  op: "assignment.cancel";
  args: ReasonArgs;
}

/** The assignment after the step. */
export interface AssignmentCancelDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** Arrive on site, with its code. */
export interface AssignmentCheckInCommand {
  t: "command";
  id: string;
  op: "assignment.check_in";
  args: CheckInArgs;
}

/** The assignment after the step. */
export interface AssignmentCheckInDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** Leave the site. */
export interface AssignmentCheckOutCommand {
  t: "command";
  id: string;
  op: "assignment.check_out";
  args: CheckOutArgs;
}

/** The assignment after the step. */
export interface AssignmentCheckOutDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** The money arrived. */
export interface AssignmentConfirmCommand {
  t: "command";
  id: string;
  op: "assignment.confirm";
  args: AssignmentArgs;
}

/** The assignment after the step. */
export interface AssignmentConfirmDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** An offer was accepted: pending no more, and the seat is taken. */
export interface AssignmentCreated {
  t: "event";
  seq: number;
  kind: "assignment.created";
  data: AssignmentEvent;
  at: string;
}

/** Contest the wage. */
export interface AssignmentDisputeCommand {
  t: "command";
  id: string;
  op: "assignment.dispute";
  args: ReasonArgs;
}

/** The assignment after the step. */
export interface AssignmentDisputeDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** To the worker (with the gig's site) and the employer (with the worker's name). */
export interface AssignmentEvent {
  assignment: AssignmentView;
}

/** Come later than the start, and say so. */
export interface AssignmentLateCommand {
  t: "command";
  id: string;
  op: "assignment.late";
  args: LateArgs;
}

/** The assignment after the step. */
export interface AssignmentLateDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** The worker never came. */
export interface AssignmentNoShowCommand {
  t: "command";
  id: string;
  op: "assignment.no_show";
  args: AssignmentArgs;
}

/** The assignment after the step. */
export interface AssignmentNoShowDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** Record what was paid. */
export interface AssignmentSettleCommand {
  t: "command";
  id: string;
  op: "assignment.settle";
  args: SettleArgs;
}

/** The assignment after the step. */
export interface AssignmentSettleDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

export type AssignmentStatus = 
  | "confirmed"
  | "checked_in"
  | "completed"
  | "settled"
  | "disputed"
  | "cancelled_by_worker"
  | "cancelled_by_employer"
  | "no_show";

/** Checked in or out, paid, settled, disputed, cancelled, or nobody came. */
export interface AssignmentUpdated {
  t: "event";
  seq: number;
  kind: "assignment.updated";
  data: AssignmentEvent;
  at: string;
}

/** One worker on one seat. `gig` is there for the worker, with the site and the employer's phone. `late_s`: the worker says that he comes so many seconds after the start. `vouched`: the employer, not the site's code, says when the worker came or left, or that he never came. `handed_in_at`: a time of coming or leaving was kept by a device without a network and told only then. */
export interface AssignmentView {
  id: string;
  gig_id: string;
  offer_id: string;
  status: AssignmentStatus;
  worker: PersonView;
  created_at: string;
  leaves_at: string;
  travel_s: number;
  due_fen: number | null;
  checked_in_at: string | null;
  checked_out_at: string | null;
  paid_fen: number | null;
  paid_at: string | null;
  paid_reason: string;
  settled_at: string | null;
  closed_reason: string;
  late_s: number;
  vouched: boolean;
  handed_in_at: string | null;
  gig: GigCard | null;
  together: TogetherView | null;
}

/** Say who is on site, or has left. */
export interface AssignmentVouchCommand {
  t: "command";
  id: string;
  op: "assignment.vouch";
  args: VouchArgs;
}

/** The assignment after the step. */
export interface AssignmentVouchDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** Which assignment, and the code shown on site; `crew`: the leader comes with all who are not there yet. `at`: when that was, for a device that had no network then; a day ago at most, and none is in the future. */
export interface CheckInArgs {
  assignment_id: string;
  code: string;
  crew?: boolean;
  at?: string | null;
}

/** Which assignment; `crew`: the leader leaves with all of the crew who are still there; `at`: see above. */
export interface CheckOutArgs {
  assignment_id: string;
  crew?: boolean;
  at?: string | null;
}

export type ClientFrame = Hello | Command | Ack | Pong | Refresh | PositionFrame;

export type Command = 
  | OfferAcceptCommand
  | OfferDeclineCommand
  | OfferExtendCommand
  | AssignmentCheckInCommand
  | AssignmentCheckOutCommand
  | AssignmentConfirmCommand
  | AssignmentDisputeCommand
  | AssignmentCancelCommand
  | AssignmentNoShowCommand
  | AssignmentLateCommand
  | AssignmentVouchCommand
  | GigSettleCommand
  | AssignmentSettleCommand
  | GigCancelCommand
  | PresenceSetCommand;

/** To each of a crew: who is in it now and who asks for work; null for who is in none any more. */
export interface CrewEvent {
  crew: CrewView | null;
}

/** One of a crew, by masked name. `looking`: asks for work at the moment. */
export interface CrewMemberView {
  worker_id: string;
  name: string;
  leads: boolean;
  looking: boolean;
}

/** Somebody came to the crew or left it, or asks for work or no more. */
export interface CrewUpdated {
  t: "event";
  seq: number;
  kind: "crew.updated";
  data: CrewEvent;
  at: string;
}

/** A crew as one of its members sees it, in the order in which they joined. The leader alone has the `code` that lets others in, good until `code_until`. */
export interface CrewView {
  id: string;
  members: CrewMemberView[];
  leads: boolean;
  code: string | null;
  code_until: string | null;
}

/** The datum a pair of degrees was measured in: GPS, AMap/Tencent, or Baidu. */
export type Datum = "wgs84" | "gcj02" | "bd09";

/** Which offer, and why not, if the worker cares to say. */
export interface DeclineArgs {
  offer_id: string;
  reason?: DeclineReason | null;
}

/** Why a worker said no, from a short list so that it can be counted. */
export type DeclineReason = "too_far" | "pay" | "hours" | "work" | "other";

/** An employer's: their account, gigs, the people on them, and who is being asked. */
export interface EmployerSnapshot {
  t: "snapshot";
  seq: number;
  state: EmployerState;
}

/** An employer's: their account, gigs, the people on them, and who is being asked. */
export interface EmployerState {
  me: AccountView;
  gigs: GigView[];
  assignments: AssignmentView[];
  offers: SeatOfferView[];
}

/** Why the server is about to close: sent once before a close the client caused. */
export interface ErrorFrame {
  t: "error";
  problem: Problem;
}

export type Event = 
  | OfferCreated
  | OfferExtended
  | OfferClosed
  | AssignmentCreated
  | AssignmentUpdated
  | GigCreated
  | GigUpdated
  | PresenceUpdated
  | MeUpdated
  | CrewUpdated
  | PersonRenamed
  | HallJoined
  | HallUpdated
  | HallLeft
  | StationUpdated
  | AppealAnswered;

/** The gig after the step. */
export interface GigAnswer {
  gig: GigView;
}

/** Which gig. */
export interface GigArgs {
  gig_id: string;
}

/** Call the gig off. */
export interface GigCancelCommand {
  t: "command";
  id: string;
  op: "gig.cancel";
  args: GigArgs;
}

/** The gig after the step. */
export interface GigCancelDone {
  t: "result";
  id: string;
  ok: true;
  data: GigAnswer;
}

/** A gig as a worker sees it: the ~500 m area until accepted, then the site and the employer's phone, which is left out where the city connects calls by a third number. */
export interface GigCard {
  id: string;
  title: string;
  trade: string;
  starts_at: string;
  ends_at: string;
  wage: WageView;
  due_fen: number | null;
  settlement: Settlement;
  settle_on: string | null;
  meals: boolean;
  transport: boolean;
  note: string;
  employer: string;
  area: PositionView;
  min_crew: number;
  site: SiteView | null;
  employer_phone: string | null;
}

/** A gig was posted. */
export interface GigCreated {
  t: "event";
  seq: number;
  kind: "gig.created";
  data: GigEvent;
  at: string;
}

/** To the employer: the gig as it is now. */
export interface GigEvent {
  gig: GigView;
}

/** Which gig, and what its people were paid. */
export interface GigSettleArgs {
  gig_id: string;
  payments: Payment[];
}

/** Record what several were paid: all or nothing. */
export interface GigSettleCommand {
  t: "command";
  id: string;
  op: "gig.settle";
  args: GigSettleArgs;
}

/** The assignments after they were settled together, in the order asked. */
export interface GigSettleDone {
  t: "result";
  id: string;
  ok: true;
  data: SettledAnswer;
}

export type GigStatus = "open" | "filled" | "in_progress" | "completed" | "cancelled" | "expired";

/** Its seats or its status changed. */
export interface GigUpdated {
  t: "event";
  seq: number;
  kind: "gig.updated";
  data: GigEvent;
  at: string;
}

/** A gig as its employer and staff see it. The site code is for the people who come to work. */
export interface GigView {
  id: string;
  status: GigStatus;
  title: string;
  trade: string;
  headcount: number;
  filled: number;
  site: SiteView;
  starts_at: string;
  ends_at: string;
  wage: WageView;
  due_fen: number | null;
  settlement: Settlement;
  settle_on: string | null;
  meals: boolean;
  transport: boolean;
  note: string;
  hiring: "dispatch";
  posted_at: string;
  recruit_until: string;
  site_code: string;
  min_crew: number;
}

/** To the station: who came into the hall, is still there but changed, or left it. */
export interface HallEvent {
  worker: HallWorker;
}

/** A worker waits in the station's hall. */
export interface HallJoined {
  t: "event";
  seq: number;
  kind: "hall.joined";
  data: HallEvent;
  at: string;
}

/** A worker waits there no more. */
export interface HallLeft {
  t: "event";
  seq: number;
  kind: "hall.left";
  data: HallEvent;
  at: string;
}

/** The same, with another name, other trades or a wait that began anew. */
export interface HallUpdated {
  t: "event";
  seq: number;
  kind: "hall.updated";
  data: HallEvent;
  at: string;
}

/** A worker waiting in a station's hall, by masked name. */
export interface HallWorker {
  id: string;
  name: string;
  since: string;
  trades: string[];
}

/** First frame, within 10 s: the ticket and, when resuming, the epoch and last seq the client holds. */
export interface Hello {
  t: "hello";
  ticket: string;
  epoch?: string | null;
  seq?: number | null;
  v?: "gig.v1";
}

/** Which assignment, and how many minutes after the start the worker comes; 0: in time after all. */
export interface LateArgs {
  assignment_id: string;
  minutes: number;
}

/** Where a station stands in the city → town → village service. */
export type Level = "city" | "town" | "village";

/** One cell of the map: its centre and half its size in degrees. `workers` is null for one or two. */
export interface MarketCell {
  key: string;
  lat: number;
  lng: number;
  half_lat: number;
  half_lng: number;
  workers: number | null;
  free_seats: number;
}

/** The cells in which anything is, `cell_m` metres wide. */
export interface MarketCells {
  cell_m: number;
  cells: MarketCell[];
}

/** The cells in which anything is, `cell_m` metres wide. */
export interface MarketCellsState {
  t: "state";
  key: "market.cells";
  data: MarketCells;
}

/** The market in numbers, as of `at`. */
export interface MarketCounters {
  available_workers: number;
  open_gigs: number;
  free_seats: number;
  pending_offers: number;
  assigned_today: number;
  working_now: number;
  by_trade: TradeCount[];
  at: string;
}

/** The market in numbers, as of `at`. */
export interface MarketCountersState {
  t: "state";
  key: "market.counters";
  data: MarketCounters;
}

/** The profile or the account changed, on whichever device or desk. */
export interface MeUpdated {
  t: "event";
  seq: number;
  kind: "me.updated";
  data: ProfileEvent | AccountEvent;
  at: string;
}

/** How a worker travels; the values are those of the public protocol. */
export type Mode = "walk" | "bicycle" | "ebike" | "motorbike" | "car";

/** Take the seat that the offer holds. */
export interface OfferAcceptCommand {
  t: "command";
  id: string;
  op: "offer.accept";
  args: OfferArgs;
}

/** The assignment after the step. */
export interface OfferAcceptDone {
  t: "result";
  id: string;
  ok: true;
  data: AssignmentAnswer;
}

/** The offer after the step. */
export interface OfferAnswer {
  offer: OfferView;
}

/** Which offer. */
export interface OfferArgs {
  offer_id: string;
}

/** Declined, expired or withdrawn: pending no more. */
export interface OfferClosed {
  t: "event";
  seq: number;
  kind: "offer.closed";
  data: OfferEvent | SeatOfferEvent;
  at: string;
}

/** A seat is held for a worker, who is asked. */
export interface OfferCreated {
  t: "event";
  seq: number;
  kind: "offer.created";
  data: OfferEvent | SeatOfferEvent;
  at: string;
}

/** Say no; the next is asked at once. */
export interface OfferDeclineCommand {
  t: "command";
  id: string;
  op: "offer.decline";
  args: DeclineArgs;
}

/** The offer after the step. */
export interface OfferDeclineDone {
  t: "result";
  id: string;
  ok: true;
  data: OfferAnswer;
}

/** To the worker: the offer with its gig's card. */
export interface OfferEvent {
  offer: OfferView;
}

/** Think again (再想想), once. */
export interface OfferExtendCommand {
  t: "command";
  id: string;
  op: "offer.extend";
  args: OfferArgs;
}

/** The offer after the step. */
export interface OfferExtendDone {
  t: "result";
  id: string;
  ok: true;
  data: OfferAnswer;
}

/** The worker wants to think again (再想想): the seat is held longer, once. */
export interface OfferExtended {
  t: "event";
  seq: number;
  kind: "offer.extended";
  data: OfferEvent | SeatOfferEvent;
  at: string;
}

export type OfferStatus = "pending" | "accepted" | "declined" | "expired" | "withdrawn";

/** An offer as its worker sees it. `estimated`: the travel time comes from a straight line. */
export interface OfferView {
  id: string;
  status: OfferStatus;
  created_at: string;
  expires_at: string;
  travel_s: number;
  estimated: boolean;
  extended: boolean;
  gig: GigCard;
  together: TogetherView | null;
}

/** One of several payments. */
export interface Payment {
  assignment_id: string;
  amount_fen: number;
  reason?: string;
}

/** Somebody whose name stands in this state has another. */
export interface PersonRenamed {
  t: "event";
  seq: number;
  kind: "person.renamed";
  data: RenamedEvent;
  at: string;
}

/** A worker on another's screen: masked before acceptance, by name to the employer from then on. */
export interface PersonView {
  name: string;
  phone: string | null;
}

/** Every 25 s with the stream's head; a client 5 s behind resumes. */
export interface Ping {
  t: "ping";
  seq: number;
}

/** Answer to a ping. */
export interface Pong {
  t: "pong";
}

/** The worker's newest position: coalesced, no reply. */
export interface PositionFrame {
  lat: number;
  lng: number;
  datum: Datum;
  t: "position";
}

/** A position and the datum it was measured in; there is no default, because a mix-up is 0.6 to 1.2 km. */
export interface PositionIn {
  lat: number;
  lng: number;
  datum: Datum;
}

/** A WGS-84 position. */
export interface PositionView {
  lat: number;
  lng: number;
  datum: Datum;
}

/** To the worker: the presence as it is now, whoever or whatever changed it. */
export interface PresenceEvent {
  presence: PresenceView;
}

/** Go available (with a position, or in the hall of the kiosk's station) or offline. */
export interface PresenceIn {
  status: "available" | "offline";
  position?: PositionIn | null;
  until?: string | null;
  in_hall?: boolean;
}

/** Ask for work, or no more. */
export interface PresenceSetCommand {
  t: "command";
  id: string;
  op: "presence.set";
  args: PresenceIn;
}

/** Whether the worker gets offers now, since when, and from where; `advice` after saying where. */
export interface PresenceSetDone {
  t: "result";
  id: string;
  ok: true;
  data: PresenceView;
}

export type PresenceStatus = "offline" | "available" | "offered" | "engaged";

/** The worker asks for work or no more, was forgotten after a long silence, or waits anew after work. */
export interface PresenceUpdated {
  t: "event";
  seq: number;
  kind: "presence.updated";
  data: PresenceEvent;
  at: string;
}

/** Whether the worker gets offers now, since when, and from where; `advice` after saying where. */
export interface PresenceView {
  status: PresenceStatus;
  since: string | null;
  until: string | null;
  position: PositionView | null;
  station_id: string | null;
  advice: AdviceView[];
}

/** RFC 9457, the same object over HTTP and the socket. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: (Record<string, string | number>)[];
}

/** To the worker: the profile as it is now. */
export interface ProfileEvent {
  me: WorkerView;
}

/** Which assignment, and an optional reason in words. */
export interface ReasonArgs {
  assignment_id: string;
  reason?: string;
}

/** A reason by its stable code, in one sentence. `basis`: a round's record, or the rules asked now. */
export interface ReasonView {
  reason: string;
  zh: string;
  en: string;
  basis: "recorded" | "now";
  at: string;
}

/** The socket goes on under another session of the same principal, before its own is over. */
export interface Refresh {
  t: "refresh";
  ticket: string;
}

/** The socket now belongs to the refreshing session, which ends at `expires_at`. */
export interface Refreshed {
  t: "refreshed";
  expires_at: string;
}

/** The command was not carried out. */
export interface Refused {
  t: "result";
  id: string;
  ok: false;
  problem: Problem;
}

/** A person's new name as this reader sees it, and where it now stands: as the worker of these assignments and offers, or as the employer on the cards of these gigs. */
export interface Renamed {
  name: string;
  assignments: string[];
  offers: string[];
  gigs: string[];
}

/** To everybody on whose screen the name stands, at once instead of one event for each place. */
export interface RenamedEvent {
  person: Renamed;
}

export type Result = 
  | OfferAcceptDone
  | OfferDeclineDone
  | OfferExtendDone
  | AssignmentCheckInDone
  | AssignmentCheckOutDone
  | AssignmentConfirmDone
  | AssignmentDisputeDone
  | AssignmentCancelDone
  | AssignmentNoShowDone
  | AssignmentLateDone
  | AssignmentVouchDone
  | GigSettleDone
  | AssignmentSettleDone
  | GigCancelDone
  | PresenceSetDone
  | Refused;

/** Who a session may act as. A kiosk is a device of one station, not a person. */
export type Role = "worker" | "employer" | "clerk" | "staff" | "kiosk";

/** To the employer and the hall: the offer with the worker's masked name. */
export interface SeatOfferEvent {
  offer: SeatOfferView;
}

/** A pending offer as the employer and the station's hall see it: masked name and travel time. */
export interface SeatOfferView {
  id: string;
  gig_id: string;
  status: OfferStatus;
  expires_at: string;
  travel_s: number;
  estimated: boolean;
  worker: PersonView;
  together: TogetherView | null;
}

export type ServerFrame = Welcome | Snapshot | Event | Result | Ping | Refreshed | State | ErrorFrame;

/** Which assignment, how much was paid in fen, and why if it is less than due. */
export interface SettleArgs {
  assignment_id: string;
  amount_fen: number;
  reason?: string;
}

/** The assignments after they were settled together, in the order asked. */
export interface SettledAnswer {
  assignments: AssignmentView[];
}

/** When the wage is paid: the same day (日结) or on a named date. */
export type Settlement = "daily" | "by_date";

/** A gig's site with its address. */
export interface SiteView {
  lat: number;
  lng: number;
  datum: Datum;
  address: string;
}

export type Snapshot = WorkerSnapshot | EmployerSnapshot | StationSnapshot | StaffSnapshot;

export type SnapshotState = WorkerState | EmployerState | StationState | StaffState;

/** Staff follow the market states only. */
export interface StaffSnapshot {
  t: "snapshot";
  seq: number;
  state: StaffState;
}

/** Staff follow the market states only. */
export interface StaffState {
}

export type State = MarketCountersState | MarketCellsState;

/** To the station: what the public directory says of it now. */
export interface StationEvent {
  station: StationView;
}

/** A station's, for its clerks and kiosks: who waits in the hall, and who is being asked. */
export interface StationSnapshot {
  t: "snapshot";
  seq: number;
  state: StationState;
}

/** A station's, for its clerks and kiosks: who waits in the hall, and who is being asked. */
export interface StationState {
  station: StationView;
  hall: HallWorker[];
  offers: SeatOfferView[];
}

/** The public directory says something else of the station. */
export interface StationUpdated {
  t: "event";
  seq: number;
  kind: "station.updated";
  data: StationEvent;
  at: string;
}

/** A gig station (零工驿站), the village only of a village's own. `approximate`: not surveyed. */
export interface StationView {
  id: string;
  name: string;
  name_en: string;
  town: string;
  village: string | null;
  level: Level;
  address: string;
  position: PositionView;
  approximate: boolean;
}

/** The crew that came, or is asked, as one: `size` workers, of whom this one `leads` and answers for all. */
export interface TogetherView {
  crew_id: string;
  size: number;
  leads: boolean;
}

/** Supply and demand of one trade. */
export interface TradeCount {
  trade: string;
  workers: number;
  free_seats: number;
}

/** Which assignment, and whether its worker is here (or has left). */
export interface VouchArgs {
  assignment_id: string;
  here: boolean;
}

export type WageUnit = "hour" | "day" | "piece";

/** An amount in fen per hour, day or piece. */
export interface WageView {
  amount_fen: number;
  per: WageUnit;
}

/** The stream's epoch and head. `resumed`: the missed events follow; otherwise a snapshot does. The session ends at `expires_at`: refresh before. */
export interface Welcome {
  t: "welcome";
  v: "gig.v1";
  epoch: string;
  seq: number;
  resumed: boolean;
  heartbeat_s: number;
  now: string;
  expires_at: string;
}

/** A worker's: their profile, pending offers and assignments, and whom they look for work with. */
export interface WorkerSnapshot {
  t: "snapshot";
  seq: number;
  state: WorkerState;
}

/** A worker's: their profile, pending offers and assignments, and whom they look for work with. */
export interface WorkerState {
  me: WorkerView;
  offers: OfferView[];
  assignments: AssignmentView[];
  crew: CrewView | null;
}

/** A worker's own profile. */
export interface WorkerView {
  id: string;
  name: string;
  trades: string[];
  mode: Mode;
  floor_wage_fen: number;
  presence: PresenceView;
  has_pin: boolean;
  reach_s: number | null;
  groups: string[];
}

/** Close codes: below 4500 come back. */
export type CloseCode = 4001 | 4002 | 4003 | 4004 | 4005 | 4006 | 4500 | 4501 | 4502 | 4503 | 4504 | 4505;
