(* Natural deduction over propositional variables, one lemma a rule. The only axiom is [classic] of Coq's library. *)
From Coq Require Import Classical_Prop List Bool Arith Lia.
Import ListNotations.

Lemma claim_1 (p : Prop) : p -> p. Proof. tauto. Qed.
Lemma left_and_1 (p q : Prop) : p /\ q -> p. Proof. tauto. Qed.
Lemma right_and_1 (p q : Prop) : p /\ q -> q. Proof. tauto. Qed.
Lemma both_1 (p q : Prop) : p -> q -> p /\ q. Proof. tauto. Qed.
Lemma mp_1 (p q : Prop) : (p -> q) -> p -> q. Proof. tauto. Qed.
Lemma left_either_1 (p q : Prop) : p -> p \/ q. Proof. tauto. Qed.
Lemma right_either_1 (p q : Prop) : q -> p \/ q. Proof. tauto. Qed.
Lemma cases_1 (p q r : Prop) : p \/ q -> (p -> r) -> (q -> r) -> r. Proof. tauto. Qed.
Lemma absurd_1 (p : Prop) : p -> ~ p -> False. Proof. tauto. Qed.
Lemma absurd_2 (p : Prop) : ~ p -> p -> False. Proof. tauto. Qed.
Lemma dn_1 (p : Prop) : ~ ~ p -> p. Proof. apply NNPP. Qed.
Lemma left_iff_1 (p q : Prop) : (p <-> q) -> p -> q. Proof. tauto. Qed.
Lemma right_iff_1 (p q : Prop) : (p <-> q) -> q -> p. Proof. tauto. Qed.
Lemma equiv_1 (p q : Prop) : (p -> q) -> (q -> p) -> (p <-> q). Proof. tauto. Qed.
Lemma ex_middle_1 (p : Prop) : p \/ ~ p. Proof. apply classic. Qed.
Lemma dm_1 (p q : Prop) : ~ (p /\ q) -> ~ p \/ ~ q. Proof. apply not_and_or. Qed.
Lemma dm_2 (p q : Prop) : ~ (p \/ q) -> ~ p /\ ~ q. Proof. tauto. Qed.
Lemma dsyl_1 (p q : Prop) : p \/ q -> ~ p -> q. Proof. tauto. Qed.
Lemma dsyl_2 (p q : Prop) : ~ p \/ q -> p -> q. Proof. tauto. Qed.
Lemma dsyl_3 (p q : Prop) : p \/ q -> ~ q -> p. Proof. tauto. Qed.
Lemma dsyl_4 (p q : Prop) : p \/ ~ q -> q -> p. Proof. tauto. Qed.
Lemma neg_cond_1 (p q : Prop) : ~ (p -> q) -> p /\ ~ q. Proof. apply imply_to_and. Qed.
Lemma neg_cond_2 (p q : Prop) : p /\ ~ q -> ~ (p -> q). Proof. tauto. Qed.
Lemma neg_bicond_1 (p q : Prop) : ~ (p <-> q) -> (p /\ ~ q) \/ (~ p /\ q).
Proof. destruct (classic p); destruct (classic q); tauto. Qed.
Lemma neg_bicond_2 (p q : Prop) : (p /\ ~ q) \/ (~ p /\ q) -> ~ (p <-> q). Proof. tauto. Qed.
Lemma from_false_1 (p : Prop) : False -> p. Proof. tauto. Qed.
Lemma mt_1 (p q : Prop) : (p -> q) -> ~ q -> ~ p. Proof. tauto. Qed.
Lemma mt_2 (p q : Prop) : (p -> ~ q) -> q -> ~ p. Proof. tauto. Qed.
Lemma cond_def_1 (p q : Prop) : (p -> q) -> ~ p \/ q. Proof. apply imply_to_or. Qed.
Lemma cond_def_2 (p q : Prop) : ~ p \/ q -> p -> q. Proof. tauto. Qed.
Lemma bicond_def'_1 (p q : Prop) : (p <-> q) -> (p /\ q) \/ (~ p /\ ~ q). Proof. destruct (classic p); tauto. Qed.
Lemma bicond_def'_2 (p q : Prop) : (p /\ q) \/ (~ p /\ ~ q) -> (p <-> q). Proof. tauto. Qed.
Lemma from_complements_1 (p q : Prop) : q -> ~ q -> p. Proof. tauto. Qed.
Lemma from_complements_2 (p q : Prop) : ~ q -> q -> p. Proof. tauto. Qed.
Lemma by_contradiction_1 (p : Prop) : (~ p -> False) -> p. Proof. apply NNPP. Qed.
Lemma by_contradiction_2 (p : Prop) : (p -> False) -> ~ p. Proof. tauto. Qed.

(* A macro step has no rule: it says that its conclusion follows. Formulas as data, a decision by splitting on one
   variable after another, and a proof that what it says of truth values holds of propositions. *)
Inductive form : Set :=
  | Var (n : nat) | Top | Bot | Neg (f : form) | And (f g : form) | Or (f g : form) | Imp (f g : form) | Iff (f g : form).

Fixpoint truth (v : nat -> bool) (f : form) : bool :=
  match f with
  | Var n => v n | Top => true | Bot => false
  | Neg f => negb (truth v f)
  | And f g => truth v f && truth v g
  | Or f g => truth v f || truth v g
  | Imp f g => implb (truth v f) (truth v g)
  | Iff f g => Bool.eqb (truth v f) (truth v g)
  end.

Fixpoint meaning (v : nat -> Prop) (f : form) : Prop :=
  match f with
  | Var n => v n | Top => True | Bot => False
  | Neg f => ~ meaning v f
  | And f g => meaning v f /\ meaning v g
  | Or f g => meaning v f \/ meaning v g
  | Imp f g => meaning v f -> meaning v g
  | Iff f g => meaning v f <-> meaning v g
  end.

(* The formula with variable [n] set to [b], constants propagated. *)
Definition neg f := match f with Top => Bot | Bot => Top | f => Neg f end.
Definition and f g :=
  match f, g with Bot, _ => Bot | _, Bot => Bot | Top, g => g | f, Top => f | f, g => And f g end.
Definition or f g :=
  match f, g with Top, _ => Top | _, Top => Top | Bot, g => g | f, Bot => f | f, g => Or f g end.
Definition imp f g :=
  match f, g with Bot, _ => Top | _, Top => Top | Top, g => g | f, Bot => neg f | f, g => Imp f g end.
Definition iff f g :=
  match f, g with Top, g => g | f, Top => f | Bot, g => neg g | f, Bot => neg f | f, g => Iff f g end.

Fixpoint set (n : nat) (b : bool) (f : form) : form :=
  match f with
  | Var m => if Nat.eqb m n then (if b then Top else Bot) else Var m
  | Top => Top | Bot => Bot
  | Neg f => neg (set n b f)
  | And f g => and (set n b f) (set n b g)
  | Or f g => or (set n b f) (set n b g)
  | Imp f g => imp (set n b f) (set n b g)
  | Iff f g => iff (set n b f) (set n b g)
  end.

Fixpoint valid (order : list nat) (f : form) : bool :=
  match f, order with
  | Top, _ => true
  | Bot, _ => false
  | _, nil => false
  | f, n :: rest => if valid rest (set n true f) then valid rest (set n false f) else false
  end.

Lemma neg_truth v f : truth v (neg f) = negb (truth v f).
Proof. destruct f; cbn; reflexivity. Qed.
Ltac by_truth_tables :=
  repeat match goal with
         | |- context [truth ?v ?h] => is_var h; destruct (truth v h)
         | |- context [?v ?n] => is_var v; is_var n; match type of v with nat -> bool => destruct (v n) end
         end; try reflexivity.
Lemma and_truth v f g : truth v (and f g) = truth v f && truth v g.
Proof. destruct f, g; cbn; by_truth_tables. Qed.
Lemma or_truth v f g : truth v (or f g) = truth v f || truth v g.
Proof. destruct f, g; cbn; by_truth_tables. Qed.
Lemma imp_truth v f g : truth v (imp f g) = implb (truth v f) (truth v g).
Proof. destruct f, g; cbn; by_truth_tables. Qed.
Lemma iff_truth v f g : truth v (iff f g) = Bool.eqb (truth v f) (truth v g).
Proof. destruct f, g; cbn; by_truth_tables. Qed.

Lemma set_truth v n b f : v n = b -> truth v (set n b f) = truth v f.
Proof.
  intro E; induction f; cbn;
    rewrite ?neg_truth, ?and_truth, ?or_truth, ?imp_truth, ?iff_truth, ?IHf, ?IHf1, ?IHf2; try reflexivity.
  destruct (Nat.eqb n0 n) eqn:Q; [apply Nat.eqb_eq in Q; subst; destruct (v n); reflexivity | reflexivity].
Qed.

Lemma valid_truth order : forall f, valid order f = true -> forall v, truth v f = true.
Proof.
  induction order as [|n rest IH]; intros f H v.
  - destruct f; try discriminate; reflexivity.
  - assert (S : f = Top \/ (valid rest (set n true f) = true /\ valid rest (set n false f) = true)).
    { destruct f; cbn [valid] in H; try discriminate; [right | left; reflexivity | right | right | right | right | right];
      (destruct (valid rest (set n true _)) eqn:T in H; [split; [exact T | exact H] | discriminate]). }
    destruct S as [-> | [T F]]; [reflexivity|].
    destruct (v n) eqn:E.
    + rewrite <- (set_truth v n true f E). apply IH, T.
    + rewrite <- (set_truth v n false f E). apply IH, F.
Qed.

(* Of finitely many variables [classic] says which are true, so that no choice is needed. *)
Fixpoint below (n : nat) (f : form) : bool :=
  match f with
  | Var m => Nat.ltb m n | Top | Bot => true
  | Neg f => below n f
  | And f g | Or f g | Imp f g | Iff f g => below n f && below n g
  end.

Lemma meaning_truth_below (v : nat -> Prop) (w : nat -> bool) n f :
  (forall m, m < n -> (w m = true <-> v m)) -> below n f = true -> (truth w f = true <-> meaning v f).
Proof.
  intro E; induction f; cbn; intro B; rewrite ?andb_true_iff in B;
    try (specialize (IHf1 (proj1 B)); specialize (IHf2 (proj2 B))); try specialize (IHf B).
  - apply E, Nat.ltb_lt, B.
  - tauto.
  - split; [discriminate | tauto].
  - rewrite negb_true_iff, <- not_true_iff_false. tauto.
  - rewrite andb_true_iff. tauto.
  - rewrite orb_true_iff. tauto.
  - destruct (truth w f1), (truth w f2); cbn; intuition discriminate.
  - rewrite eqb_true_iff. destruct (truth w f1), (truth w f2); intuition discriminate.
Qed.

Lemma decided (v : nat -> Prop) n : exists w : nat -> bool, forall m, m < n -> (w m = true <-> v m).
Proof.
  induction n as [|n [w E]].
  - exists (fun _ => true). intros m H. inversion H.
  - destruct (classic (v n)) as [T | F].
    + exists (fun m => if Nat.eqb m n then true else w m). intros m H. destruct (Nat.eqb m n) eqn:Q.
      * apply Nat.eqb_eq in Q. subst. tauto.
      * apply E. apply Nat.eqb_neq in Q. lia.
    + exists (fun m => if Nat.eqb m n then false else w m). intros m H. destruct (Nat.eqb m n) eqn:Q.
      * apply Nat.eqb_eq in Q. subst. split; [discriminate | tauto].
      * apply E. apply Nat.eqb_neq in Q. lia.
Qed.

Theorem follows (v : nat -> Prop) n order f : below n f && valid order f = true -> meaning v f.
Proof.
  intro H. apply andb_true_iff in H. destruct H as [B V]. destruct (decided v n) as [w E].
  apply (meaning_truth_below v w n f E B). apply (valid_truth order f V).
Qed.

(* What is no consequence is refuted by computing under an assignment, given as the list of the true variables. *)
Definition refuted (true_ones : list nat) (f : form) : bool :=
  negb (truth (fun n => existsb (Nat.eqb n) true_ones) f).
